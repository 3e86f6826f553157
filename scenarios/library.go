package scenarios

import (
	"embed"
	"fmt"
	"os"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/seed83d86191/txsim/scenarios/input"
)

//go:embed library/*
var libraryFiles embed.FS

// Entry is a scenario of the library.
type Entry struct{ Name, Description string }

// Library returns the embedded scenarios, by name.
func Library() []Entry { return slices.Clone(library()) }

var library = sync.OnceValue(func() []Entry {
	var entries []Entry
	for _, name := range libraryNames() {
		s, err := loadEmbedded(name)
		if err != nil {
			panic(err) // a test loads them all
		}
		entries = append(entries, Entry{name, s.Description})
	}
	return entries
})

// libraryNames are the names of the embedded scenarios, sorted, without reading
// them.
func libraryNames() []string {
	files, _ := libraryFiles.ReadDir("library")
	var names []string
	for _, f := range files {
		if name, ok := strings.CutSuffix(f.Name(), ".yaml"); ok {
			names = append(names, name)
		}
	}
	slices.Sort(names) // the names of the files have another order
	return names
}

// ReadText reads a file, or, if the name begins with library:, an embedded one.
func ReadText(name string) ([]byte, error) {
	file, embedded := strings.CutPrefix(name, libraryPrefix)
	if !embedded {
		return os.ReadFile(name)
	}
	text, err := libraryFiles.ReadFile(path.Join("library", file))
	if err != nil || strings.HasSuffix(file, ".yaml") {
		return nil, fmt.Errorf("%s: not in the library: %s", input.Shown(name), input.MustBeOneOf(name, libraryTexts("")))
	}
	return text, nil
}

// libraryTexts returns the names, with library: in front, of the embedded files that are no
// scenarios and have this ending.
func libraryTexts(ending string) []string {
	files, _ := libraryFiles.ReadDir("library")
	var names []string
	for _, f := range files {
		if strings.HasSuffix(f.Name(), ending) && !strings.HasSuffix(f.Name(), ".yaml") {
			names = append(names, libraryPrefix+f.Name())
		}
	}
	return names
}

// Show returns an embedded file as it was written: a scenario by its name, or
// a file of transactions by the name that scenarios have for it.
func Show(name string) ([]byte, error) {
	for _, file := range []string{name + ".yaml", name} {
		if text, err := libraryFiles.ReadFile(path.Join("library", file)); err == nil && !strings.Contains(name, "/") {
			return text, nil
		}
	}
	return nil, fmt.Errorf("%s: not in the library: %s", input.Shown(name), input.MustBeOneOf(name, libraryNames()))
}

func loadEmbedded(name string) (*Scenario, error) {
	text, err := libraryFiles.ReadFile("library/" + name + ".yaml")
	if err != nil {
		return nil, err
	}
	return Parse("library/"+name+".yaml", text)
}
