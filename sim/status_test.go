package sim

import "testing"

func TestStatusNames(t *testing.T) {
	for s, want := range map[Status]string{Interrupted: "interrupted", Quiet: "quiet", TimeLimit: "time limit reached",
		EventLimit: "event limit reached", Paused: "paused", Panicked: "panicked", PendingLimit: "pending limit reached"} {
		if got := s.String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
