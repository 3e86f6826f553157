package cmd

import (
	"bytes"
	"testing"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios/mutant"
)

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
