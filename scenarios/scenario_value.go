package scenarios

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios/input"
	"github.com/seed83d86191/txsim/scenarios/quantity"
	"github.com/seed83d86191/txsim/sim"
)

// parseValue reads the text of a scalar into the parameter p points to. The
// option is that of the parameter's tag.
func parseValue(p any, text, option string) (err error) {
	switch p := p.(type) {
	case *string:
		*p = text
	case *int:
		return parseInt(p, text, option)
	case *uint64:
		if *p, err = strconv.ParseUint(text, 10, 64); err != nil {
			return errors.New("must be an integer, 0 or more")
		}
	case *float64:
		*p, err = quantity.ParseNumber(text)
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
	case *quantity.Bytes:
		*p, err = quantity.ParseBytes(text)
	case *quantity.Rate:
		*p, err = quantity.ParseRate(text)
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

// parseInt reads an integer, or the option, for which 0 stands.
func parseInt(p *int, text, option string) (err error) {
	if option != "" && text == option {
		*p = 0
		return nil
	}
	switch *p, err = strconv.Atoi(text); {
	case err != nil && option != "":
		return errors.New("must be an integer, or " + option)
	case err != nil:
		return errors.New("must be an integer")
	case option != "" && *p == 0:
		return errors.New("must be positive, or " + option)
	}
	return nil
}

// orSubmitted is the option of the parameter until, and untilRule what it must be.
const (
	orSubmitted = "default or submitted"
	untilRule   = "must be positive, default or submitted"
)

func parseDuration(text, option string) (time.Duration, error) {
	switch {
	case option == "never" && text == "never":
		return sim.Forever, nil
	case strings.HasPrefix(option, "default") && text == "default":
		return 0, nil
	case option == orSubmitted && text == "submitted":
		return UntilSubmitted, nil
	}
	d, err := time.ParseDuration(text)
	if err != nil || d == sim.Forever || d == UntilSubmitted {
		want := "must be a duration such as 50ms"
		if option != "" {
			want += ", or " + option
		}
		return 0, errors.New(want)
	}
	if d == 0 && strings.HasPrefix(option, "default") { // 0 stands for the default
		if option == orSubmitted {
			return 0, errors.New(untilRule)
		}
		return 0, errors.New("must be positive or default")
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
		case strings.HasPrefix(option, "default") && *p == 0:
			return "default"
		case option == orSubmitted && *p == UntilSubmitted:
			return "submitted"
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
		return printProbability(*p)
	case *Transactions:
		return p.yaml()
	case *[]string:
		return flowList(*p)
	case *[]sim.Deviation:
		return flowList(deviationTexts(*p))
	case *int:
		if option != "" && *p == 0 {
			return option
		}
		return strconv.Itoa(*p)
	case *uint64:
		return strconv.FormatUint(*p, 10)
	case *bool:
		return strconv.FormatBool(*p)
	case *quantity.Bytes:
		return p.String()
	case *quantity.Rate:
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

// printProbability prints the shortest fraction that is read as p. For a small p,
// Fraction(p) is slightly off because p was rounded down; 0.0001 is then tried before
// 0.00009999999999999999.
func printProbability(p sim.Probability) string {
	f := quantity.Fraction(p)
	for digits := range 16 {
		short, _ := strconv.ParseFloat(strconv.FormatFloat(f, 'e', digits, 64), 64)
		if sim.ProbabilityOf(short) == p {
			f = short
			break
		}
	}
	return strconv.FormatFloat(f, 'f', -1, 64)
}

func deviationTexts(choices []sim.Deviation) []string {
	texts := make([]string, len(choices))
	for i, c := range choices {
		texts[i] = c.String()
	}
	return texts
}
