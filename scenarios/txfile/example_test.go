package txfile_test

import (
	"fmt"
	"io"

	"github.com/seed83d86191/txsim/scenarios/txfile"
)

func Example() {
	f, err := txfile.OpenText("orders.txt", []byte("pay: w4 read acct/7; w4 write acct/7 = 10\naudit: w4 read acct/7\n"), 10)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(f.Len(), "transactions")
	for {
		t, err := f.Next()
		if err == io.EOF {
			break
		}
		fmt.Printf("%s\n", txfile.AppendJSON(nil, t))
	}
	_, err = txfile.OpenText("wrong.txt", []byte("pay: w4 raed acct/7\n"), 10)
	fmt.Println(err)
	// Output:
	// 2 transactions
	// {"id":"pay","ops":[["r","w4","acct/7"],["w","w4","acct/7","10"]]}
	// {"id":"audit","ops":[["r","w4","acct/7"]]}
	// wrong.txt:1: unknown operation "raed": expected read, write or delete
}
