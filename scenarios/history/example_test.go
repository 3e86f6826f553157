package history_test

import (
	"fmt"
	"os"
	"strings"

	"github.com/seed83d86191/txsim/scenarios/history"
)

// What someone noted who watched the clients of another system.
func Example() {
	h, err := history.Read("notes.jsonl", strings.NewReader(`{"txsim_history":"clients"}
{"what":"submitted","txn":"t1","ops":[{"op":"Write","worker":"w1","key":"k","value":"5"}]}
{"at":"0.5","what":"answered","txn":"t1","outcome":"committed"}
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(h.View(), len(h.Events))
	if err := h.Write(os.Stdout); err != nil {
		fmt.Println(err)
	}
	// Output:
	// clients 2
	// {"txsim_history":"clients"}
	// {"at":"0.000000000","what":"submitted","txn":"t1","ops":[["w","w1","k","5"]]}
	// {"at":"0.500000000","what":"answered","txn":"t1","try":1,"outcome":"committed"}
}
