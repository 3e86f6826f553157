package scenarios

import (
	"context"
	"flag"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

var (
	swarmSeeds = flag.Int("swarm", 4, "seeds per scenario of the swarm test")
	swarmFirst = flag.Uint64("swarm-first", 1, "first seed of the swarm test")
	swarmSize  = flag.Int("swarm-transactions", 150, "transactions of a run of the swarm test")
)

// TestSwarmSearch holds the protocols that come with txsim against swarms of
// faults, in every scenario of the library: nothing may be found. Protocol,
// concurrency control and execution vary with the seed. A run that takes too long
// proves nothing and is logged. For more,
// go test ./scenarios -run SwarmSearch -swarm 1000 -timeout 0
func TestSwarmSearch(t *testing.T) {
	for _, entry := range Library() {
		t.Run(entry.Name, func(t *testing.T) {
			var wait sync.WaitGroup
			seeds := make(chan uint64)
			for range runtime.GOMAXPROCS(0) {
				wait.Go(func() {
					for seed := range seeds {
						swarmSearch(t, entry.Name, seed)
					}
				})
			}
			for i := range *swarmSeeds {
				seeds <- *swarmFirst + uint64(i)
			}
			close(seeds)
			wait.Wait()
		})
	}
}

func swarmSearch(t *testing.T, name string, seed uint64) {
	s, err := Load(name)
	if err != nil {
		t.Error(err)
		return
	}
	command := fmt.Sprintf("txsim run %s --seed %d --swarm", name, seed)
	set := func(path, value string) {
		if err := s.Set(path, value); err != nil {
			t.Error(err)
		}
		command += fmt.Sprintf(" --%s %s", path, value)
	}
	if s.Transactions.File == "" {
		set("transactions", fmt.Sprint(*swarmSize))
	}
	protocols, controls := model.Protocols(), model.Concurrencies()
	set("protocol", protocols[seed%uint64(len(protocols))].Name())
	set("concurrency", controls[seed/3%uint64(len(controls))].Name())
	set("execution", model.ExecutionNames[seed/9%uint64(len(model.ExecutionNames))])
	job, err := s.Open(protocols, nil)
	if err != nil {
		t.Error(err)
		return
	}
	defer job.Close()
	r, err := job.Run(context.Background(), Options{Seed: seed, Swarm: true})
	switch {
	case err != nil:
		t.Errorf("%s: %v", command, err)
	case r.Verdict == analysis.Undecided && r.End.Status == sim.TimeLimit:
		// Faults go on until all is submitted. Where a node is dead for good and
		// attempts are many, that can be longer than a run may take.
		t.Logf("%s: %s", r.verdict(), command)
	case r.Verdict != analysis.Valid:
		text := ""
		if len(r.Findings) > 0 {
			text = r.Findings[0].String()
		}
		t.Errorf("%s: %s %s\n\t%s", r.verdict(), text, command, strings.Join(r.Plan.Lines(), "\n\t"))
	}
}
