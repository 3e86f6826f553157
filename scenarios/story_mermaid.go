package scenarios

import (
	"fmt"
	"strings"

	"github.com/seed83d86191/txsim/sim"
)

// Mermaid draws the story as a sequence diagram in the language of Mermaid
// (https://mermaid.js.org/syntax/sequenceDiagram.html): a message where it
// arrives, is lost, or was still on its way at the end; all else as a note.
func (s *Story) Mermaid() string {
	var b strings.Builder
	b.WriteString("sequenceDiagram\n")
	for _, n := range s.nodes {
		fmt.Fprintf(&b, "    participant %s\n", s.format.Node(n))
	}
	across := func(text string) {
		if len(s.nodes) > 0 && text != "" {
			over := s.format.Node(s.nodes[0])
			if len(s.nodes) > 1 {
				over += "," + s.format.Node(s.nodes[len(s.nodes)-1])
			}
			fmt.Fprintf(&b, "    Note over %s: %s\n", over, mermaidText(text))
		}
	}
	for i := range s.events {
		for _, gap := range s.gaps(i) {
			across(gap)
		}
		s.events[i].draw(&b, s)
	}
	across(s.Finding.String())
	return b.String()
}

func (e *storyEvent) draw(b *strings.Builder, s *Story) {
	who := s.format.Node(e.node)
	about := strings.Join(strings.Fields(e.line.About+" "+e.line.Detail), " ")
	say := func(text string) {
		fmt.Fprintf(b, "    Note over %s: %s\n", who, mermaidText(strings.TrimSpace(text)))
	}
	switch e.op {
	case sim.TraceDeliver:
		fmt.Fprintf(b, "    %s->>%s: %s\n", s.format.Node(e.peer), who, mermaidText(e.kind+" "+about))
	case sim.TraceSend: // has not arrived
		fmt.Fprintf(b, "    %s-)%s: %s\n", who, s.format.Node(e.peer), mermaidText(e.kind+" "+about))
	case sim.TraceLost:
		fmt.Fprintf(b, "    %s-x%s: %s\n", s.format.Node(e.peer), who, mermaidText(e.kind+" "+e.line.About+" lost, "+
			strings.TrimPrefix(e.line.Detail, e.kind+" ")))
	case sim.TraceAppend:
		say("logs " + e.kind + " " + e.line.About)
	case sim.TraceSynced:
		say("log is durable")
	case sim.TraceCut, sim.TraceHeal:
		if len(s.nodes) > 0 {
			who = s.format.Node(s.nodes[0])
			say("network: " + e.line.What + " " + e.line.Detail)
		}
	default:
		say(e.line.What + " " + about)
	}
}

// mermaidText escapes what Mermaid would not take for text.
func mermaidText(s string) string {
	return strings.NewReplacer("#", "#35;", ";", "#59;", "<", "#lt;", ">", "#gt;", "\n", " ").Replace(s)
}
