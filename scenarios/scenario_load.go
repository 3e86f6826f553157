package scenarios

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/seed83d86191/txsim/scenarios/input"
)

// Load returns the scenario of that name in the library, or of that file. A .yaml or .yml
// file is a scenario, and a .properties file a workload of YCSB. Any other file, or "-" for
// standard input, is a file of transactions for the default scenario to run; Set lets no
// other transactions take their place. The library goes first: ./bank is the file.
func Load(nameOrFile string) (*Scenario, error) {
	name := nameOrFile
	if slices.Contains(libraryNames(), name) {
		return loadEmbedded(name)
	}
	switch filepath.Ext(name) {
	case ".yaml", ".yml":
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, notFound(name, err)
		}
		s, err := Parse(name, text)
		if err == nil {
			s.files = append(s.files, name)
		}
		return s, err
	case ".properties":
		if _, err := os.Stat(name); err != nil {
			return nil, notFound(name, err)
		}
		s := Default()
		s.Name, s.Description = filepath.Base(name), "the workload of "+filepath.Base(name)
		return s, s.Set(propertiesPath, strconv.Quote(name))
	}
	if name != "-" {
		if _, err := os.Stat(name); err != nil {
			return nil, notFound(name, err)
		}
	}
	s := Default()
	s.Name, s.onlyFile = "stdin", "standard input"
	if name != "-" {
		s.Name, s.onlyFile = filepath.Base(name), name
	}
	s.Description = "the transactions of " + s.Name
	s.Transactions = Transactions{File: name}
	return s, nil
}

func notFound(name string, err error) error {
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	text := fmt.Sprintf("%s: no such scenario or file: ", input.Shown(name))
	base := strings.TrimSuffix(strings.TrimSuffix(filepath.Base(name), ".yaml"), ".yml")
	if near := input.Nearest(base, libraryNames()); near != "" {
		return errors.New(text + "did you mean " + near + "?")
	}
	return errors.New(text + "expected a file or " + input.Or(libraryNames()))
}
