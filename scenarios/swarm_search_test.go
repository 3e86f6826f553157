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

// TestSwarmWounds: nor in one that has what none of the library has together. Under wound-wait
// all operations travel with the prepare, to few keys, and requests come again late.
func TestSwarmWounds(t *testing.T) {
	s, err := Parse("wounds.yaml", []byte(`
name: wounds
workers: 3
coordinators: 2
clients: 8
transactions: 150
concurrency: wound-wait
workload: {kind: uniform, keys: 6, operations: 4, workers: 2, reads: 0.5, deletes: 0.2}
disk: {checkpoint: 300B}
timeouts: {prepare: 20ms, decision: 20ms, idle: 60ms, answer: 20ms}
faults: [duplicate 5% * late by exp(30ms)]
`))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range model.Protocols() {
		if err := s.Set("protocol", p.Name()); err != nil {
			t.Fatal(err)
		}
		job := openJob(t, s)
		for seed := range uint64(*swarmSeeds) {
			r, err := job.Run(t.Context(), Options{Seed: seed, Swarm: true})
			if err != nil {
				t.Fatal(err)
			}
			if r.Verdict != analysis.Valid {
				t.Errorf("%s, seed %d: %s %v", p.Name(), seed, r.verdict(), r.Findings)
			}
		}
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
	job, err := s.Open(protocols)
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
