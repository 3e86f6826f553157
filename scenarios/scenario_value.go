package scenarios

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios/input"
	"github.com/seed83d86191/txsim/sim"
)

// Bytes is a size. Its text is a number with an optional unit: B, KiB, MiB,
// GiB or TiB.
type Bytes int64

var byteUnits = []struct {
	name  string
	shift int
}{{"TiB", 40}, {"GiB", 30}, {"MiB", 20}, {"KiB", 10}, {"B", 0}}

// String prints the size in the largest unit of which it is a multiple.
func (b Bytes) String() string {
	for _, u := range byteUnits {
		if u.shift > 0 && b != 0 && b&(1<<u.shift-1) == 0 {
			return strconv.FormatInt(int64(b)>>u.shift, 10) + u.name
		}
	}
	return strconv.FormatInt(int64(b), 10)
}

// ParseBytes reads a size.
func ParseBytes(text string) (Bytes, error) {
	digits, shift := text, 0
	for _, u := range byteUnits {
		if d, ok := strings.CutSuffix(text, u.name); ok {
			digits, shift = strings.TrimRight(d, " "), u.shift
			break
		}
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || n > math.MaxInt64>>shift || n < math.MinInt64>>shift {
		return 0, errors.New("must be a size in bytes, such as 4096 or 64KiB")
	}
	return Bytes(n << shift), nil
}

// Rate is a number of events per second of virtual time. Its text is a number
// with an optional unit: /s, /ms, /us, /m or /h.
type Rate float64

// String prints the rate per second.
func (r Rate) String() string { return strconv.FormatFloat(float64(r), 'f', -1, 64) + "/s" }

var rateUnits = map[string]float64{"s": 1, "ms": 1e3, "us": 1e6, "m": 1.0 / 60, "h": 1.0 / 3600}

// ParseRate reads a rate.
func ParseRate(text string) (Rate, error) {
	number, unit, ok := strings.Cut(text, "/")
	per := 1.0
	if ok {
		per = rateUnits[strings.TrimSpace(unit)]
	}
	f, err := parseNumber(strings.TrimSpace(number))
	if err != nil || per == 0 || math.IsInf(f*per, 0) {
		return 0, errors.New("must be a rate such as 5000/s")
	}
	return Rate(f * per), nil
}

// parseNumber reads a finite decimal number; "-0" is 0.
func parseNumber(text string) (float64, error) {
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsInf(f, 0) || math.IsNaN(f) || strings.ContainsAny(text, "xX_") {
		return 0, errors.New("must be a number")
	}
	return f + 0, nil
}

// parseValue reads the text of a scalar into the parameter p points to. The
// option is that of the parameter's tag.
func parseValue(p any, text, option string) (err error) {
	switch p := p.(type) {
	case *string:
		*p = text
	case *int:
		if *p, err = strconv.Atoi(text); err != nil {
			return errors.New("must be an integer")
		}
	case *uint64:
		if *p, err = strconv.ParseUint(text, 10, 64); err != nil {
			return errors.New("must be an integer, 0 or more")
		}
	case *float64:
		*p, err = parseNumber(text)
	case *bool:
		if text != "true" && text != "false" {
			return errors.New("must be true or false")
		}
		*p = text == "true"
	case *time.Duration:
		*p, err = parseDuration(text, option)
	case *sim.Dist:
		return parseDist(p, text)
	case *sim.Probability:
		if *p, err = sim.ParseProbability(text); err != nil {
			return errors.New("must be 0 to 1, or 0% to 100%")
		}
	case *Bytes:
		*p, err = ParseBytes(text)
	case *Rate:
		*p, err = ParseRate(text)
	case *model.Execution:
		return parseEnum(p, text, model.ExecutionNames)
	case *model.Placement:
		return parseEnum(p, text, model.PlacementNames)
	case *sim.Schedule:
		*p, err = sim.ParseSchedule(text)
	default:
		panic(fmt.Sprintf("no scalar: %T", p))
	}
	return err
}

func parseDuration(text, option string) (time.Duration, error) {
	switch {
	case option == "never" && text == "never":
		return sim.Forever, nil
	case option == "default" && text == "default":
		return 0, nil
	}
	d, err := time.ParseDuration(text)
	if err != nil || d == sim.Forever {
		want := "must be a duration such as 50ms"
		if option != "" {
			want += ", or " + option
		}
		return 0, errors.New(want)
	}
	if d == 0 && option == "default" {
		return 0, errors.New("must be positive or default") // 0 is how the default is held
	}
	return d, nil
}

func parseDist(p *sim.Dist, text string) error {
	d, err := sim.ParseDist(text)
	if err != nil {
		message := strings.TrimPrefix(err.Error(), text+": ")
		if strings.Contains(text, "(") && !strings.Contains(text, ")") {
			message += `; in { } quote it: "lognormal(1ms, 0.3)"`
		}
		return errors.New(message)
	}
	*p = d
	return nil
}

func parseEnum[E ~uint8](p *E, text string, names []string) error {
	i := slices.Index(names, text)
	if i < 0 {
		return errors.New(input.MustBeOneOf(text, names))
	}
	*p = E(i)
	return nil
}

// printValue is the inverse of parseValue, for lists and transactions too. It
// is in YAML, and fits between { and }.
func printValue(p any, option string) string {
	switch p := p.(type) {
	case *string:
		return quoteYAML(*p)
	case *time.Duration:
		switch {
		case option == "never" && *p == sim.Forever:
			return option
		case option == "default" && *p == 0:
			return option
		}
		return sim.DurationText(*p)
	case *sim.Dist:
		if text := p.String(); strings.Contains(text, ",") {
			return quoteYAML(text)
		}
		return p.String()
	case *float64:
		return strconv.FormatFloat(*p, 'f', -1, 64)
	case *sim.Probability:
		return strconv.FormatFloat(fraction(*p), 'f', -1, 64)
	case *Transactions:
		return p.yaml()
	case *[]string:
		return flowList(*p)
	case *[]sim.Deviation:
		return flowList(deviationTexts(*p))
	case *int:
		return strconv.Itoa(*p)
	case *uint64:
		return strconv.FormatUint(*p, 10)
	case *bool:
		return strconv.FormatBool(*p)
	case *Bytes:
		return p.String()
	case *Rate:
		return p.String()
	case *sim.Schedule:
		return p.String()
	case *model.Execution:
		return printEnum(*p, model.ExecutionNames)
	case *model.Placement:
		return printEnum(*p, model.PlacementNames)
	}
	panic(fmt.Sprintf("no parameter: %T", p))
}

func printEnum[E ~uint8](e E, names []string) string {
	if int(e) >= len(names) {
		return strconv.Itoa(int(e))
	}
	return names[e]
}

// fraction is the inverse of sim.ProbabilityOf.
func fraction(p sim.Probability) float64 {
	if p == math.MaxUint64 {
		return 1
	}
	return float64(p) / (1 << 32) / (1 << 32)
}

func deviationTexts(choices []sim.Deviation) []string {
	texts := make([]string, len(choices))
	for i, c := range choices {
		texts[i] = c.String()
	}
	return texts
}
