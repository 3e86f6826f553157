package quantity_test

import (
	"fmt"

	"github.com/seed83d86191/txsim/scenarios/quantity"
)

func Example() {
	for _, text := range []string{"4096", "64 KiB", "-1TiB", "9999999TiB"} {
		fmt.Println(quantity.ParseBytes(text))
	}
	for _, text := range []string{"5000/s", "3/ms", "90/m", "12", "1/d"} {
		fmt.Println(quantity.ParseRate(text))
	}
	// Output:
	// 4KiB <nil>
	// 64KiB <nil>
	// -1TiB <nil>
	// 0 must be a size in bytes, such as 4096 or 64KiB
	// 5000/s <nil>
	// 3000/s <nil>
	// 1.5/s <nil>
	// 12/s <nil>
	// 0/s must be a rate such as 5000/s
}
