package analysis

import "testing"

// TestLevelsTruncated: of a run that was stopped, no level is said to hold.
func TestLevelsTruncated(t *testing.T) {
	const sound = "submit 1 w0x=5\ninstall 1.0\ncommit 1"
	for truncate, want := range map[bool]string{false: "holds: strict serializable", true: "not judged"} {
		c := NewHistoryChecker(HistoryOptions{})
		if truncate {
			c.Truncate()
		}
		parseHistScript(t, sound).recording().Feed(c)
		if got := c.Levels().String(); got != want {
			t.Errorf("truncated %v: %q, want %q", truncate, got, want)
		}
	}
}

// TestLevelsEarly: nothing is said of the levels before the end of a history.
func TestLevelsEarly(t *testing.T) {
	if got := NewHistoryChecker(HistoryOptions{}).Levels().String(); got != "not judged" {
		t.Error(got)
	}
}
