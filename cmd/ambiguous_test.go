package cmd

import (
	"bytes"
	"testing"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios/mutant"
)

// unnamed has no name, or names its reasons as nobody can read them.
type unnamed struct {
	model.Protocol
	name    string
	reasons []string
}

func (u unnamed) Name() string { return u.name }

func (u unnamed) Names() model.Names { return model.Names{Reasons: u.reasons} }

// TestProtocolWithoutName: what could not be chosen or read is refused at the start,
// whatever is asked for.
func TestProtocolWithoutName(t *testing.T) {
	for want, p := range map[string]model.Protocol{
		`protocol = "": a protocol of type <nil>: must have a name`:       nil,
		`protocol = "": a protocol of type cmd.unnamed: must have a name`: unnamed{model.Protocols()[0], "", nil},
		`protocol = mine: names a reason of its own "out of luck": `:      unnamed{model.Protocols()[0], "mine", []string{"out of luck"}},
	} {
		var out, err bytes.Buffer
		code := Main([]string{"version"}, &out, &err, p)
		if code != exitUsage || out.Len() > 0 || !bytes.HasPrefix(err.Bytes(), []byte("txsim: "+want)) {
			t.Errorf("%d: %s%s", code, out.Bytes(), err.Bytes())
		}
	}
}

// impostor has the name of another protocol.
type impostor struct{ model.Protocol }

// TestAmbiguousProtocol: a protocol that is named like another is refused, not passed over.
func TestAmbiguousProtocol(t *testing.T) {
	for _, p := range []model.Protocol{model.Protocols()[0], mutant.Protocols()[0]} {
		var out, err bytes.Buffer
		code := Main([]string{"run", "pair", "--protocol", p.Name()}, &out, &err, impostor{p})
		if code != exitUsage || out.Len() > 0 || !bytes.Contains(err.Bytes(), []byte("txsim: protocol = "+p.Name()+": a ")) {
			t.Errorf("%d: %s%s", code, out.Bytes(), err.Bytes())
		}
	}
}
