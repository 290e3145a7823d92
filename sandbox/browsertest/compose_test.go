package browsertest

import (
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/rutravel/rutravel-go/sandbox"
)

// compose is what examples/compose.yaml has.
type compose struct {
	Services map[string]struct {
		Build struct {
			Context string
			Args    map[string]string
		}
		Command     []string
		Ports       []string
		Volumes     []string
		DependsOn   []string `yaml:"depends_on"`
		Restart     string
		Environment map[string]string
	}
	Volumes map[string]struct{}
}

func readYAML(t *testing.T, name string, to any) {
	t.Helper()
	f, err := os.Open(filepath.Join(repository, name))
	require.NoError(t, err)
	defer f.Close()
	d := yaml.NewDecoder(f)
	d.KnownFields(true)
	require.NoError(t, d.Decode(to), name)
}

// The processes of compose.yaml run here without containers: with the same flags and
// environment, but for addresses and folders. No image is built.
func TestCompose(t *testing.T) {
	t.Parallel()
	var c compose
	readYAML(t, "examples/compose.yaml", &c)
	require.Len(t, c.Services, 2)
	of, program := c.Services["sandbox"], c.Services["regionbilet"]
	assert.Equal(t, "./examples/regionbilet", program.Build.Args["PROGRAM"])
	assert.Equal(t, []string{"sandbox"}, program.DependsOn)
	for _, service := range c.Services {
		context := filepath.Join(repository, "examples", service.Build.Context)
		assert.FileExists(t, filepath.Join(context, "Dockerfile"))
		for _, volume := range service.Volumes {
			name, _, _ := strings.Cut(volume, ":")
			assert.Contains(t, c.Volumes, name)
		}
	}
	for _, port := range of.Ports {
		assert.True(t, strings.HasPrefix(port, "127.0.0.1:"), port)
	}
	certificates := t.TempDir()
	var flags []string
	for _, flag := range of.Command {
		flags = append(flags, strings.NewReplacer("0.0.0.0:8443", "127.0.0.1:0", "/certs", certificates).Replace(flag))
	}
	b := start(t, flags...)
	assert.Contains(t, b.out.String(), "WARNING")
	assert.Equal(t, filepath.Join(certificates, "ca.pem"), b.CA)

	// The program has exactly the sandbox's own environment.
	var want, env []string
	for _, v := range sandbox.Environment("https://sandbox:8443", "", "/certs/ca.pem") {
		if strings.HasPrefix(v, "REGIONBILET_") {
			want = append(want, v)
		}
	}
	for name, value := range program.Environment {
		env = append(env, name+"="+value)
	}
	assert.ElementsMatch(t, want, env)
	for i := range env {
		env[i] = strings.NewReplacer("https://sandbox:8443", b.HTTPS, "/certs", certificates).Replace(env[i])
	}
	assert.Contains(t, example(t, "regionbilet", env), "Cancelled stv-")
}

// The steps of the Dockerfile that need no engine: what is copied is there, versions are
// pinned, and the program is built as these tests build it.
func TestDockerfile(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join(repository, "Dockerfile"))
	require.NoError(t, err)
	var images []string
	for line := range strings.Lines(string(text)) {
		words := strings.Fields(line)
		if len(words) == 0 || strings.HasPrefix(line, "#") {
			continue
		}
		assert.Contains(t, []string{"FROM", "ARG", "WORKDIR", "COPY", "RUN", "ENTRYPOINT"}, words[0])
		if words[0] == "FROM" {
			images = append(images, words[1])
		}
		if words[0] == "COPY" && !strings.HasPrefix(words[1], "--") {
			for _, name := range words[1 : len(words)-1] {
				_, err = os.Stat(filepath.Join(repository, name))
				assert.NoError(t, err)
			}
		}
	}
	require.Len(t, images, 2)
	makefile, err := os.ReadFile(filepath.Join(repository, "Makefile"))
	require.NoError(t, err)
	version, _, _ := strings.Cut(strings.TrimPrefix(images[0], "golang:"), "-")
	assert.Contains(t, string(makefile), "\nOLDEST = go"+version+"\n")
	assert.Contains(t, images[1], "distroless/static-debian12:nonroot")
	assert.Contains(t, string(text), "CGO_ENABLED=0 go build -trimpath -ldflags=-s ")
}

// The OpenAPI description has exactly the paths and methods of the control API, and
// its references lead somewhere.
func TestOpenAPI(t *testing.T) {
	t.Parallel()
	var doc map[string]any
	readYAML(t, "sandbox/openapi.yaml", &doc)
	b := start(t, "-listen", "127.0.0.1:0")
	paths, ok := doc["paths"].(map[string]any)
	require.True(t, ok)
	for path, item := range paths {
		var described []string
		for name := range item.(map[string]any) {
			if name != "parameters" {
				described = append(described, strings.ToUpper(name))
			}
		}
		slices.Sort(described)
		target := strings.NewReplacer("{id}", "x", "{supplier}", "multitour", "{name}", "x").Replace(path)
		if path == "/events" || path == "/openapi.yaml" {
			assert.Equal(t, []string{"GET"}, described)
			continue
		}
		r, err := http.NewRequestWithContext(t.Context(), http.MethodOptions, b.HTTP+"/sandbox/v1"+target, nil)
		require.NoError(t, err)
		resp, err := new(http.Client).Do(r)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		assert.Equal(t, strings.Join(described, ", "), resp.Header.Get("Allow"), path)
	}
	var follow func(value any)
	follow = func(value any) {
		switch v := value.(type) {
		case map[string]any:
			if ref, isRef := v["$ref"].(string); isRef {
				var at any = doc
				for name := range strings.SplitSeq(strings.TrimPrefix(ref, "#/"), "/") {
					at = at.(map[string]any)[name]
				}
				assert.NotNil(t, at, ref)
			}
			for _, member := range v {
				follow(member)
			}
		case []any:
			for _, element := range v {
				follow(element)
			}
		}
	}
	follow(doc)
}
