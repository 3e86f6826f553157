package model

import (
	"fmt"
	"reflect"
	"testing"
)

// TestZeroTwoPhase: the zero Presumption is presumed abort, also in what it promises of its
// messages and logs.
func TestZeroTwoPhase(t *testing.T) {
	zero, abort := TwoPhase{}, Protocols()[0].(TwoPhase)
	got, want := zero.Promises(), abort.Promises()
	if g, w := fmt.Sprintf("%+v", got.WriteAhead), fmt.Sprintf("%+v", want.WriteAhead); g != w {
		t.Errorf("write-ahead %s, want %s", g, w)
	}
	if got.WriteAhead, want.WriteAhead = nil, nil; !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
}
