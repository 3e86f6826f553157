package sim

import (
	"cmp"
	"fmt"
	"reflect"
	"strings"
)

// mostPanicText is how long the text of a panic can be.
const mostPanicText = 300

// PanicText is what a panic says, on one line and the same in each process: of what
// could print where it lies in memory, the type.
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
