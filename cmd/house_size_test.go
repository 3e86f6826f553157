package cmd_test

import (
	"go/ast"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestHouseSizes(t *testing.T) {
	for _, f := range house(t) {
		if f.test {
			continue
		}
		if n := len(f.lines) - 1; n > maxFileLines {
			t.Errorf("%s:%d: %d lines: split it at %d", f.path, maxFileLines, n, maxFileLines)
		}
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			if n := f.line(fn.End()) - f.line(fn.Pos()) + 1; n > maxFuncLines {
				t.Errorf("%s: %s has %d lines: split it at %d", f.at(fn), fn.Name.Name, n, maxFuncLines)
			}
		}
	}
}

// Exported names have a comment; of a group of constants, variables or types
// one for all will do.
func TestHouseComments(t *testing.T) {
	for _, f := range house(t) {
		if f.test || f.Name.Name == "main" {
			continue
		}
		for _, d := range f.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Doc == nil && d.Name.IsExported() && exportedReceiver(d) && !isStandard(d) {
					t.Errorf("%s: %s has no comment: say what it is for and what must hold", f.at(d), d.Name.Name)
				}
			case *ast.GenDecl:
				if d.Doc == nil && d.Tok != token.IMPORT {
					checkSpecs(t, f, d)
				}
			}
		}
	}
}

func checkSpecs(t *testing.T, f *file, d *ast.GenDecl) {
	t.Helper()
	for _, s := range d.Specs {
		var names []*ast.Ident
		documented := false
		switch s := s.(type) {
		case *ast.TypeSpec:
			names, documented = []*ast.Ident{s.Name}, s.Doc != nil || s.Comment != nil
		case *ast.ValueSpec:
			names, documented = s.Names, s.Doc != nil || s.Comment != nil
		}
		for _, n := range names {
			if n.IsExported() && !documented {
				t.Errorf("%s: %s has no comment: say what it is for and what must hold", f.at(n), n.Name)
			}
		}
	}
}

// exportedReceiver reports whether d is no method, or one of an exported type.
func exportedReceiver(d *ast.FuncDecl) bool {
	if d.Recv == nil {
		return true
	}
	e := d.Recv.List[0].Type
	for {
		switch x := e.(type) {
		case *ast.StarExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.IndexListExpr:
			e = x.X
		default:
			return ast.IsExported(lastName(e))
		}
	}
}

// isStandard reports whether a method's name says it all.
func isStandard(d *ast.FuncDecl) bool {
	return d.Recv != nil && slices.Contains([]string{"String", "Error", "Unwrap", "Len", "Less", "Swap", "Push", "Pop"}, d.Name.Name)
}

func TestHousePackageDocs(t *testing.T) {
	documented := map[string]bool{}
	dirs := map[string]bool{}
	for _, f := range house(t) {
		dir := filepath.ToSlash(filepath.Dir(f.path))
		dirs[dir] = dirs[dir] || !f.test && f.Name.Name != "main"
		if f.Doc != nil && filepath.Base(f.path) == "doc.go" {
			documented[dir] = true
		}
	}
	for dir, library := range dirs {
		if library && !documented[dir] {
			t.Errorf("%s: no doc.go: say what the package is for, what it must never know, and its contract", dir)
		}
	}
}

func TestHouseTopLevel(t *testing.T) {
	entries, err := os.ReadDir("..")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		name := e.Name()
		if strings.HasPrefix(name, ".") || slices.Contains(topLevel, name) || ignored(name) {
			continue
		}
		t.Errorf("%s: the top level holds %s and dot-files only: move it into one of the packages", name, strings.Join(topLevel, " "))
	}
}

// ignored reports whether .gitignore names it; its patterns here have no
// directories.
func ignored(name string) bool {
	patterns, err := os.ReadFile("../.gitignore")
	return err == nil && slices.ContainsFunc(strings.Fields(string(patterns)), func(p string) bool {
		ok, err := filepath.Match(strings.Trim(p, "/"), name)
		return ok && err == nil
	})
}

// Text that belongs to one machine or one afternoon.
var loose = []struct {
	what    *regexp.Regexp
	instead string
}{
	{regexp.MustCompile(`\b(TO` + `DO|FIX` + `ME|X` + `XX)\b`), "do it, or file an issue"},
	{regexp.MustCompile(`(^|[\s"'(=])(/ro` + `ot|/ho` + `me|/wo` + `rk|/Us` + `ers)/`), "a path from the top of the project"},
}

func TestHouseLooseEnds(t *testing.T) {
	for _, top := range append([]string{".ci", ".golangci.yml"}, topLevel...) {
		err := filepath.WalkDir(filepath.Join("..", top), func(path string, d os.DirEntry, err error) error {
			if os.IsNotExist(err) || err == nil && (d.IsDir() || strings.Contains(filepath.ToSlash(path), "testdata/fuzz/")) {
				return nil
			}
			if err != nil {
				return err
			}
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			for i, line := range strings.Split(string(text), "\n") {
				for _, l := range loose {
					if m := l.what.FindString(line); m != "" {
						t.Errorf("%s:%d: %q: %s", strings.TrimPrefix(filepath.ToSlash(path), "../"), i+1, m, l.instead)
					}
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestHouseOutput: an error of writing the output of a command is not dropped. Of messages
// on the side, and of writers that keep their error, it may be.
func TestHouseOutput(t *testing.T) {
	for _, f := range house(t) {
		if f.test || f.floor != "cmd" {
			continue
		}
		ast.Inspect(f.File, func(n ast.Node) bool {
			statement, ok := n.(*ast.ExprStmt)
			if !ok {
				return true
			}
			call, ok := statement.X.(*ast.CallExpr)
			if ok && len(call.Args) > 0 && types.ExprString(call.Args[0]) == "a.out" {
				t.Errorf("%s: the error of writing to a.out is dropped: return it", f.at(n))
			}
			return true
		})
	}
}
