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
	if got, want := fmt.Sprintf("%+v", zero.WriteAhead()), fmt.Sprintf("%+v", abort.WriteAhead()); got != want {
		t.Errorf("write-ahead %s, want %s", got, want)
	}
	if got, want := zero.Grammar(), abort.Grammar(); !reflect.DeepEqual(got, want) {
		t.Errorf("grammar %+v, want %+v", got, want)
	}
}
