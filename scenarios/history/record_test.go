package history_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/scenarios"
	"github.com/seed83d86191/txsim/scenarios/history"
)

// TestCanonical: all kinds of records with all their fields come out as they went in, however
// they are spaced, and the header is kept.
func TestCanonical(t *testing.T) {
	text := `{"txsim_history":"storage","version":"v1","command":"txsim run","scenario":"name: x","isolation":"read-committed"}
{"at":"0.000000001","what":"submitted","txn":"order 7","ops":[["w","w3","k","1"],["r","w3","k"],["d","w0","l"]]}
{"at":"0.000000001","what":"began","txn":"order 7","try":1,"age":"0.000000001"}
{"at":"0.000000002","what":"answered","txn":"order 7","try":1,"outcome":"aborted","reason":"conflict","final":false}
{"at":"1.000000000","what":"installed","txn":"order 7","try":2,"op":0,"worker":"w3","key":"k","value":"1"}
{"at":"1.000000000","what":"installed","txn":"order 7","try":2,"op":2,"worker":"w0","key":"l","deleted":true}
{"at":"1.100000000","what":"answered","txn":"order 7","try":2,"outcome":"committed","reads":[{"op":1,"value":"1","from":{"txn":"order 7","try":2,"op":0}},{"op":2}]}
{"at":"1.200000000","what":"answered","txn":"t2","try":1,"outcome":"unknown"}
{"what":"stored","worker":"w3","key":"k","value":"1","from":{"txn":"order 7","try":2,"op":0}}
{"what":"stored","worker":"w5","key":"old","value":"2"}
{"what":"in-doubt","txn":"t2","worker":"w99999"}
{"what":"end","complete":true}
`
	h := read(t, text)
	if got := write(t, h); got != text {
		t.Error(got)
	}
	if h.Version != "v1" || h.Command != "txsim run" || h.Scenario != "name: x" || h.Isolation != "read-committed" || h.Timeless || h.Lines != 12 || !h.Whole || !h.Complete || h.View() != "storage" {
		t.Errorf("%+v", h)
	}
	if h.ID(0) != "" || h.ID(1) != "order 7" || h.ID(2) != "t2" || h.ID(3) != "" {
		t.Errorf("ids %q %q %q %q", h.ID(0), h.ID(1), h.ID(2), h.ID(3))
	}
	spaced := strings.NewReplacer("\n", " \r\n", `":`, "\" :\t", "]", " ]").Replace(text)
	if got := write(t, read(t, "\ufeff"+spaced)); got != text {
		t.Error(got)
	}
	torn := strings.TrimSuffix(text, "{\"what\":\"end\",\"complete\":true}\n")
	if got := write(t, read(t, torn)); got != torn {
		t.Error(got)
	}
	strongest := analysis.IsolationNames()[0]
	if got := write(t, read(t, `{"txsim_history":"clients","isolation":"`+strongest+`"}`+"\n")); got != `{"txsim_history":"clients"}`+"\n" {
		t.Errorf("the strongest level comes out as %s", got)
	}
}

// TestAccepted: clients need not be told results, and those of writes have none.
func TestAccepted(t *testing.T) {
	for _, lines := range []string{
		`{"what":"submitted","txn":"t1","ops":[["w","w0","k","1"]]}` + "\n" + `{"what":"answered","txn":"t1","outcome":"committed","reads":[]}`,
		`{"what":"submitted","txn":"t1","ops":[["r","w0","k"]]}` + "\n" + `{"what":"answered","txn":"t1","outcome":"committed"}`,
	} {
		h := read(t, `{"txsim_history":"clients"}`+"\n"+lines+"\n")
		if len(h.Events) != 2 || !h.Timeless || !h.Whole || !h.Complete || h.Lines != 3 {
			t.Errorf("%s: %+v", lines, h)
		}
	}
}

// TestNotSubmitted: an answer to nobody's transaction is judged, in either view.
func TestNotSubmitted(t *testing.T) {
	for _, head := range []string{`{"txsim_history":"clients"}`, `{"txsim_history":"storage"}`} {
		h := read(t, head+"\n"+`{"what":"answered","txn":"t1","outcome":"committed"}`+"\n")
		if c := scenarios.CheckHistory(h, analysis.Judges{}); c.Verdict != analysis.Invalid {
			t.Errorf("%s: %v", head, c.Verdict)
		}
	}
}

// TestNamedBefore: a transaction has one name, whether it is submitted after it is first
// mentioned or never.
func TestNamedBefore(t *testing.T) {
	text := `{"txsim_history":"storage"}
{"at":"0.000000001","what":"submitted","txn":"t2","ops":[["r","w0","k"],["r","w0","l"]]}
{"at":"0.000000002","what":"answered","txn":"t2","try":1,"outcome":"committed","reads":[{"op":0,"value":"1","from":{"txn":"later","try":1,"op":0}},{"op":1,"value":"2","from":{"txn":"t1","try":1,"op":0}}]}
{"at":"0.000000003","what":"submitted","txn":"later","ops":[["w","w0","k","1"]]}
{"what":"end","complete":false}
`
	if got := write(t, read(t, text)); got != text {
		t.Error(got)
	}
}

// TestUnreadable: what ends the reading is returned, and a line has a bound.
func TestUnreadable(t *testing.T) {
	lost := errors.New("lost")
	for _, text := range []string{"", `{"txsim_history":"clients"}` + "\n"} {
		if _, err := history.Read("h", io.MultiReader(strings.NewReader(text), iotest.ErrReader(lost))); !errors.Is(err, lost) {
			t.Errorf("behind %q: %v", text, err)
		}
	}
	long := `{"txsim_history":"clients"}` + "\n" + strings.Repeat(" ", 17<<20)
	if _, err := history.Read("h", strings.NewReader(long)); fmt.Sprint(err) != "h:2: line over 16 MiB: expected at most 16777216 bytes" {
		t.Error(err)
	}
}
