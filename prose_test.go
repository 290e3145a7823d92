package rutravel_test

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// hardToRead lists the phrases that comments, test names and Markdown avoid, by
// what to write instead.
var hardToRead = map[string]*regexp.Regexp{
	"begin with the subject":    regexp.MustCompile(`(?:^|[.!?:;] )(?:Of|What|Whoever|Whatever|Nobody|No one)\b[^.?!]*(?:[.!]|$)`),
	"name who does it":          regexp.MustCompile(`(?i)\bwhoever\b`),
	"because, not for":          regexp.MustCompile(`[,;] for (?:it|they|there|otherwise|nobody|(?:the|an?|this|its|their) (?:\w+ ){1,3}(?:is|are|was|were|may|can|cannot|must|has|have|does|do)) `),
	"next to, with":             regexp.MustCompile(`(?i)\bbeside\b`),
	"own":                       regexp.MustCompile(`\bof (?:its|his|their|our|your|one's) own\b`),
	"compare, check, validate":  regexp.MustCompile(`(?i)\bh(?:o|e)ld(?:s|ing)?\b[^.]{0,60}\bagainst\b`),
	"return, receive":           regexp.MustCompile(`(?i)\b(?:(?:is|are|was|were|be|been) told|hand(?:s|ed|ing)? (?:out|back))\b`),
	"honored":                   regexp.MustCompile(`(?i)\bheed(?:s|ed|ing)?\b`),
	"applies to":                regexp.MustCompile(`(?i)\bbef(?:a|e)ll(?:s|en|ing)?\b`),
	"caller, application":       regexp.MustCompile(`\b(?:[Hh]e|him|[Hh]is|himself)\b`),
	"is not":                    regexp.MustCompile(`(?i)\b(?:is|are|was|were) no\b`),
	"also, before the verb":     regexp.MustCompile(`\btoo(?:[.;]|$)`),
	"skip, leave out":           regexp.MustCompile(`(?i)\bpass(?:es|ed|ing)? over\b`),
	"look-up, recovery":         regexp.MustCompile(`(?i)\bways? out\b`),
	"timeout":                   regexp.MustCompile(`(?i)\btime-outs?\b`),
	"whether, even if":          regexp.MustCompile(`, be it\b`),
	"because of, so that":       regexp.MustCompile(`(?i)'s sake\b`),
	"architecture, the library": regexp.MustCompile(`(?i)\bthe house\b`),
}

// plain matches phrases that contain one of hardToRead and are good English.
var plain = regexp.MustCompile(`(?i)\bthere (?:is|are|was|were) no\b|\b(?:is|are|was|were) no (?:longer|more than|later than|earlier than)\b`)

// TestProse fails for phrases that a tired reader has to read twice. To quote such
// a phrase, put it in quotation marks or backquotes.
func TestProse(t *testing.T) {
	t.Parallel()
	require.NoError(t, fs.WalkDir(os.DirFS("."), ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (name == "bin" || name == ".git"):
			return fs.SkipDir
		}
		isGo := strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, ".pb.go")
		if !isGo && !strings.HasSuffix(name, ".md") {
			return nil
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		if isGo {
			proseOfGo(t, name, text)
		} else {
			checkProse(t, name, 1, string(text))
		}
		return nil
	}))
}

// proseOfGo checks the comments of a file, and the names of its tests.
func proseOfGo(t *testing.T, name string, text []byte) {
	t.Helper()
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, name, text, parser.ParseComments|parser.SkipObjectResolution)
	require.NoError(t, err)
	check := func(at ast.Node, prose string) { checkProse(t, name, files.Position(at.Pos()).Line, prose) }
	for _, comment := range file.Comments {
		check(comment, comment.Text())
	}
	if !bytes.Contains(text, []byte(`"testing"`)) {
		return
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			if words, ok := strings.CutPrefix(n.Name.Name, "Test"); ok {
				check(n, strings.TrimSpace(capital.ReplaceAllString(words, " $0")))
			}
		case *ast.CallExpr: // t.Run("the name", …)
			if run, ok := n.Fun.(*ast.SelectorExpr); ok && run.Sel.Name == "Run" && len(n.Args) == 2 {
				if text, ok := n.Args[0].(*ast.BasicLit); ok {
					words, err := strconv.Unquote(text.Value)
					require.NoError(t, err)
					check(n, words)
				}
			}
		}
		return true
	})
}

var (
	capital   = regexp.MustCompile(`[A-Z][a-z]`)
	quotation = regexp.MustCompile("`[^`]*`" + `|"[^"]*"|“[^”]*”|„[^“]*“|«[^»]*»|<!--.*-->`)
	listItem  = regexp.MustCompile(`^ *(?:[-*]|\d+\.) `)
)

// checkProse checks Markdown, or a comment in the form of [ast.CommentGroup.Text].
// It skips headings, code and quotations.
func checkProse(t *testing.T, name string, first int, text string) {
	t.Helper()
	var paragraph strings.Builder
	begin := first
	end := func(next int) {
		prose := plain.ReplaceAllString(quotation.ReplaceAllString(strings.TrimSpace(paragraph.String()), "Quoted"), "")
		for instead, phrase := range hardToRead {
			for _, at := range phrase.FindAllStringIndex(prose, -1) {
				around := prose[max(0, at[0]-30):min(len(prose), at[1]+30)]
				assert.Fail(t, "hard to read", "%s:%d: …%s…: write: %s", name, begin, around, instead)
			}
		}
		paragraph.Reset()
		begin = next
	}
	fenced := false
	for i, line := range strings.Split(text, "\n") {
		at := first + i
		switch fence := strings.HasPrefix(line, "```"); {
		case fence || fenced:
			fenced = fenced != fence
			end(at + 1)
		case strings.TrimSpace(line) == "", strings.HasPrefix(line, "# "), strings.HasPrefix(line, "##"),
			strings.HasPrefix(line, "\t"), strings.HasPrefix(line, "    "):
			end(at + 1)
		case strings.HasPrefix(line, "|"):
			for cell := range strings.SplitSeq(line, "|") {
				end(at)
				paragraph.WriteString(cell)
			}
			end(at + 1)
		default:
			if listItem.MatchString(line) {
				end(at)
				line = listItem.ReplaceAllString(line, "")
			}
			paragraph.WriteString(strings.TrimSpace(line) + " ")
		}
	}
	end(0)
}
