package scenarios

import (
	"context"
	"flag"
	"fmt"
	"strings"
	"testing"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model"
)

var (
	swarmSeeds = flag.Int("swarm", 4, "seeds per scenario of the swarm test")
	swarmFirst = flag.Uint64("swarm-first", 1, "first seed of the swarm test")
	swarmSize  = flag.Int("swarm-transactions", 150, "transactions of a run of the swarm test")
)

// TestSwarmSearch holds the protocols that come with txsim against swarms of
// faults, in every scenario of the library: nothing may be found. Protocol,
// concurrency control and execution vary with the seed. For more,
// go test ./scenarios -run SwarmSearch -swarm 1000 -timeout 0
func TestSwarmSearch(t *testing.T) {
	for _, entry := range Library() {
		t.Run(entry.Name, func(t *testing.T) {
			t.Parallel()
			for i := range *swarmSeeds {
				swarmSearch(t, entry.Name, *swarmFirst+uint64(i))
			}
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
		command += fmt.Sprintf(" --set %s=%s", path, value)
	}
	if s.Transactions.File == "" {
		set("transactions", fmt.Sprint(*swarmSize))
	}
	if s.Workload.MostWorkers() > 16 {
		set("workers", "8") // nothing over so many commits in a swarm
	}
	// Faults go on until all is submitted. Where a node is dead for good and attempts
	// are many, that takes long.
	set("limits.time", "10000h")
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
	case r.Verdict != analysis.Valid:
		text := ""
		if len(r.Findings) > 0 {
			text = r.Findings[0].String()
		}
		t.Errorf("%s: %s %s\n\t%s", r.verdict(), text, command, strings.Join(r.Plan.Lines(), "\n\t"))
	}
}
