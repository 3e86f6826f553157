package sim

import (
	"cmp"
	"fmt"
	"reflect"
	"strings"
)

// mostPanicText is how long the text of a panic can be.
const mostPanicText = 300

// PanicText returns the text of a panic on one line, the same in every process. A value
// that might print an address in memory is shown by its type instead.
func PanicText(value any) string {
	text := ""
	switch v := value.(type) {
	case error:
		text = v.Error()
	case fmt.Stringer:
		text = v.String()
	default:
		if k := reflect.ValueOf(value).Kind(); k <= reflect.Complex128 || k == reflect.String {
			text = fmt.Sprint(value)
		} else {
			text = fmt.Sprintf("a %T", value)
		}
	}
	text = strings.Join(strings.Fields(text), " ")
	if len(text) > mostPanicText {
		text = strings.ToValidUTF8(text[:mostPanicText], "") + " …"
	}
	return cmp.Or(text, "no reason given")
}
