package results

import (
	"encoding/json"
	"math"
	"testing"
)

// TestFigureList: figures are in JSON what a map of them is, in memory and back.
func TestFigureList(t *testing.T) {
	members := map[string]float64{"throughput": 1.5, "wall": 0, "aborted.conflict": 3, "aborted.user+7": 1e-9, "latency.p99.9": 1e21}
	f := FiguresOf(members)
	got, err := json.Marshal(f)
	want, _ := json.Marshal(members)
	if err != nil || string(got) != string(want) {
		t.Errorf("%s, %v, expected %s", got, err, want)
	}
	var again Figures
	if err := json.Unmarshal(want, &again); err != nil || !again.Equal(f) {
		t.Errorf("%v, %v, expected %v", again, err, f)
	}
	again.Set("aborted.user+9", math.NaN()) // it has none
	if !again.Equal(f) || !f.Equal(again) {
		t.Errorf("%v and %v are not equal", f, again)
	}
	again.Set("wall", 1)
	if again.Equal(f) || !again.without(Wall).Equal(f.without(Wall)) || again.Equal(nil) {
		t.Errorf("%v and %v are equal, or not without wall", f, again)
	}
	again.Set("no.such", 1)
	if _, ok := again.get("no.such"); ok {
		t.Error("an unknown figure is known")
	}
	if x, ok := Figures(nil).get("throughput"); ok {
		t.Errorf("none: %v", x)
	}
}
