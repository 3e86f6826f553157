package scenarios

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// TestLongStory: a long story has where it begins and what leads to the finding, and says
// how much it leaves out, and where.
func TestLongStory(t *testing.T) {
	s := Small()
	s.Transactions.Count = 40
	job := openJob(t, s)
	run := &teller{job: job, few: true, audit: job.protocol.Promises().Grammar.AuditKinds(), format: model.Formatter{Coordinators: s.Coordinators, Workers: s.Workers}}
	if _, err := job.Run(t.Context(), Options{Seed: 1, Tracer: run}); err != nil {
		t.Fatal(err)
	}
	whole := run.story(&analysis.Finding{At: sim.Never})
	all := len(whole.events) + whole.omitted
	for i := range whole.events {
		all += whole.events[i].repeats
	}
	for _, at := range []int{0, 300, 700, len(run.events) * 3 / 4, len(run.events) - 1} {
		f := &analysis.Finding{At: run.events[at].line.At}
		story := run.story(f)
		arrived := 0 // all but what is on the way, whose arrival is behind the finding
		for i := range story.events {
			if arrived += story.events[i].repeats; story.events[i].op != sim.TraceSend {
				arrived++
			}
		}
		if sum := arrived + story.omitted + story.behind; sum != all {
			t.Errorf("at %v: %d told, %d left out and %d behind the finding, expected %d in all", f.At, arrived, story.omitted, story.behind, all)
		}
		if n := len(story.events); story.events[n-1].line.At != f.At || n > storyHead+storyTail || story.omitted > 0 && n < storyHead+storyTail {
			t.Errorf("at %v: %d events, the last at %v", f.At, n, story.events[n-1].line.At)
		}
		gap := fmt.Sprintf("… %d records left out here\n", story.omitted)
		lines := strings.SplitAfter(story.Text(), "\n")
		if there := len(lines) > storyHead+2 && lines[storyHead+2] == gap; there != (story.omitted > 0) {
			t.Errorf("at %v: %d left out, in the text: %v", f.At, story.omitted, there)
		}
		if there := strings.Contains(story.Mermaid(), "    Note over C0,w2: "+gap); there != (story.omitted > 0) {
			t.Errorf("at %v: %d left out, in the diagram: %v", f.At, story.omitted, there)
		}
		behind := fmt.Sprintf("… %s behind the finding\n", analysis.Count(story.behind, "record"))
		if strings.Contains(story.Text(), behind) != (story.behind > 0) {
			t.Errorf("at %v: %d behind the finding, not in the text", f.At, story.behind)
		}
	}
	if all < 2*(storyHead+storyTail) {
		t.Errorf("a story of %d events is not long", all)
	}
}

// TestStoryRepeats: repeats count among what a long story leaves out, and a few of them are
// told as they are.
func TestStoryRepeats(t *testing.T) {
	s := Small()
	run := &teller{job: &Job{s: s}, few: true, format: model.Formatter{Coordinators: s.Coordinators, Workers: s.Workers}}
	happen := func(times int, what string) {
		for range times {
			e := storyEvent{op: sim.TraceDeliver, node: 1, peer: 0, line: model.Line{At: sim.Time(len(run.events)), What: what}}
			run.events, run.labels = append(run.events, e), append(run.labels, 1)
		}
	}
	happen(5, "three repeats")
	for i := range 2*storyHead + storyTail {
		if happen(1, fmt.Sprint(i)); i == storyHead {
			happen(22, "twenty repeats")
		}
	}
	story := run.story(&analysis.Finding{At: sim.Never})
	if told := len(story.events); told != storyHead+storyTail {
		t.Fatalf("%d events are told", told)
	}
	sum := story.omitted
	for i := range story.events {
		sum += 1 + story.events[i].repeats
		if i < 6 && story.events[i].repeats > 0 {
			t.Errorf("%d of three repeats are left out", story.events[i].repeats)
		}
	}
	if sum != len(run.events) {
		t.Errorf("%d told or left out of %d", sum, len(run.events))
	}
}

// TestStoryOfDuplicates: the copy of a message that came twice is not taken for the arrival
// of a later one, which is told of as long as it is under way.
func TestStoryOfDuplicates(t *testing.T) {
	s := scenarioOf(t, "workers=2", "network.delay=1ms", "disk.sync=1ms", "timeouts.decision=2500us",
		`transactions={inline: ["t1: w0 write z = 1; w1 write z = 1"]}`,
		`faults=["duplicate commit C0→w1 of t1#1", "delay commit C0→w1 of t1#1 by 1800us"]`, "until=1s")
	job := openJob(t, s)
	run := &teller{job: job, few: true, format: model.Formatter{Coordinators: s.Coordinators, Workers: s.Workers}}
	if _, err := job.Run(t.Context(), Options{Tracer: run}); err != nil {
		t.Fatal(err)
	}
	told := 0
	for i := range run.events {
		open := 0 // commits sent again to w1 and not yet there
		for _, e := range run.events[:i+1] {
			if e.kind == "commit" && (e.node == 2 || e.peer == 2) {
				switch {
				case e.op == sim.TraceSend:
					open++
				case e.op == sim.TraceDeliver && !e.copy:
					open--
				}
			}
		}
		at := run.events[i].line.At
		if i+1 < len(run.events) && run.events[i+1].line.At == at {
			continue
		}
		sends := strings.Count(run.story(&analysis.Finding{At: at}).Text(), "C0 → w1   commit     t1\n")
		if told += sends; sends != open {
			t.Errorf("at %s: told of %d commits under way, expected %d", at, sends, open)
		}
	}
	if told < 3 {
		t.Errorf("told of %d", told)
	}
}

// TestStoryOfLongRun: what only the end of a long run shows is told up to the last that
// happened to the transactions concerned, whatever the run was busy with afterwards.
func TestStoryOfLongRun(t *testing.T) {
	s := Small()
	s.Transactions.Count = 400
	job := openJob(t, s)
	run := &teller{job: job, format: model.Formatter{Coordinators: s.Coordinators, Workers: s.Workers}}
	if _, err := job.Run(t.Context(), Options{Seed: 1, Tracer: run}); err != nil {
		t.Fatal(err)
	}
	const end = sim.Time(1e12)
	story := run.story(&analysis.Finding{Txn: "t7", At: end, AtEnd: true})
	last := story.events[len(story.events)-1]
	if !strings.HasPrefix(last.line.About, "t7") || story.omitted > 0 || story.behind == 0 {
		t.Errorf("%d left out, %d behind the finding, the last of %d is %+v", story.omitted, story.behind, len(story.events), last)
	}
}

// TestFoldRepeats: of the evidence, what repeats itself is left out, but for its first and last
// record.
func TestFoldRepeats(t *testing.T) {
	records := []string{
		"0.001000000  w0        append     t1      accept record, log at 20", "0.101000000  w0        append     t1      accept record, log at 40",
		"0.201000000  w0        append     t1      accept record, log at 60", "0.301000000  w0        append     t1      accept record, log at 80",
		"0.401000000  w1        append     t1      accept record, log at 20", "0.501000000  w1        append     t1      accept record, log at 40",
		"0.601000000  w1        append     t1      accept record, log at 60", "9.901000000  C0        holds      t1      open",
	}
	want := slices.Concat(records[:1], []string{"… 2 records left out here, nothing but repeats"}, records[3:])
	if got := foldRepeats(records); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

// TestInterruptedStory: what is cut short tells nothing, and says why.
func TestInterruptedStory(t *testing.T) {
	ctx, interrupt := context.WithCancel(t.Context())
	interrupt()
	if story, err := openJob(t, Small()).Tell(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("%v, %v", story, err)
	}
}
