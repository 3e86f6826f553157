package cmd

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios/quantity"
)

// TestDecimal: an integer is decimal wherever it is given.
func TestDecimal(t *testing.T) {
	t.Parallel()
	hash := func(args string) string {
		var out bytes.Buffer
		if code := Main(strings.Fields("run pair -q "+args), &out, io.Discard); code != exitValid {
			t.Fatalf("run pair %s: exit code %d", args, code)
		}
		return regexp.MustCompile(`trace hash +\w+`).FindString(out.String())
	}
	if a, b := hash("--seed 010"), hash("--set seed=010"); a != b {
		t.Errorf("--seed 010 has the %s, --set seed=010 the %s", a, b)
	}
	for _, args := range []string{"run pair --seed 0x10", "run pair --seed 1_000", "step pair --seed 0b11", "explore pair --depth 0x3",
		"explore pair --budget 1_000", "matrix pair --cells 0x3", "shrink a.yaml --budget 1_0", "mutants --hunts 0x2"} {
		var errs bytes.Buffer
		if code := Main(strings.Fields(args), io.Discard, &errs); code != exitUsage || !strings.Contains(errs.String(), ": expected an integer") {
			t.Errorf("%s: exit code %d: %s", args, code, errs.String())
		}
	}
}

// TestUnboundedMemory: what is given as 0 is no bound, and not the default.
func TestUnboundedMemory(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]quantity.Bytes{"0": math.MaxInt64, "8GiB": 8 << 30} { // any order
		var most quantity.Bytes
		c := &cobra.Command{}
		addMemory(c, &most, "")
		if err := c.Flags().Set("memory", text); err != nil || most != want {
			t.Errorf("--memory %s: %d, %v", text, most, err)
		}
	}
}

// TestNoOtherBase: no flag is one of pflag's own integers, which take other bases.
func TestNoOtherBase(t *testing.T) {
	t.Parallel()
	other := regexp.MustCompile(`^\*pflag\.u?int`)
	var look func(c *cobra.Command)
	look = func(c *cobra.Command) {
		c.Flags().VisitAll(func(f *pflag.Flag) {
			if kind := fmt.Sprintf("%T", f.Value); other.MatchString(kind) {
				t.Errorf("%s --%s is a %s: expected addInt or addUint64", c.CommandPath(), f.Name, kind)
			}
		})
		for _, sub := range c.Commands() {
			look(sub)
		}
	}
	look((&app{protocols: model.Protocols()}).root())
}
