package browsertest

import (
	"bytes"
	"context"
	"debug/elf"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rutravel/rutravel-go/sandbox/record"
)

const repository = "../.."

var suppliers = []string{"regionbilet", "multitour", "bgoperator", "ticketscloud", "smartway"}

// programs builds the command and the examples once, as the Dockerfile does.
var programs = sync.OnceValues(func() (string, error) {
	folder, err := os.MkdirTemp("", "rutravel-programs-")
	if err != nil {
		return "", err
	}
	args := []string{"build", "-trimpath", "-ldflags=-s", "-o", folder + string(filepath.Separator), "./cmd/rutravel-sandbox"}
	for _, name := range suppliers {
		args = append(args, "./examples/"+name)
	}
	build := exec.Command("go", args...)
	build.Dir = repository
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	out, err := build.CombinedOutput()
	if err != nil {
		err = fmt.Errorf("%w: %s", err, out)
	}
	return folder, err
})

func TestMain(m *testing.M) {
	code := m.Run()
	if folder, err := programs(); err == nil {
		_ = os.RemoveAll(folder)
	}
	os.Exit(code)
}

func program(t *testing.T, name string) string {
	t.Helper()
	folder, err := programs()
	require.NoError(t, err)
	return filepath.Join(folder, name)
}

// need returns the path of a program, or skips the test without it.
func need(t *testing.T, debian string, names ...string) string {
	t.Helper()
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("CI") != "" {
		t.Fatalf("%s is missing: install the package %s", names[0], debian)
	}
	t.Skipf("%s is missing", names[0])
	return ""
}

// box is a sandbox that runs as long as the test.
type box struct {
	HTTP, HTTPS, CA string
	cmd             *exec.Cmd
	out             *lockedBuffer
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// start starts a sandbox on ports that are free.
func start(t *testing.T, flags ...string) *box {
	t.Helper()
	b := &box{cmd: exec.Command(program(t, "rutravel-sandbox"), flags...), out: new(lockedBuffer)}
	b.cmd.Stdout, b.cmd.Stderr = b.out, b.out
	require.NoError(t, b.cmd.Start())
	t.Cleanup(func() {
		if b.cmd.ProcessState == nil {
			_ = b.cmd.Process.Kill()
			_ = b.cmd.Wait()
		}
	})
	require.Eventually(t, func() bool { return strings.Contains(b.out.String(), "# Ready.") }, 20*time.Second, 20*time.Millisecond, "it did not start: %s", b.out)
	for _, match := range regexp.MustCompile(`Console: (https?)://(\S+?)/ `).FindAllStringSubmatch(b.out.String(), -1) {
		if match[1] == "http" {
			b.HTTP = "http://" + match[2]
		} else {
			b.HTTPS = "https://" + match[2]
		}
	}
	if match := regexp.MustCompile(`SMARTWAY_CA='(.*)'`).FindStringSubmatch(b.out.String()); match != nil {
		b.CA = match[1]
	}
	return b
}

// api calls the control API over HTTP.
func (b *box) api(t *testing.T, run, method, path string, body, to any) {
	t.Helper()
	text, err := json.Marshal(body)
	require.NoError(t, err)
	if body == nil {
		text = nil
	}
	r, err := http.NewRequestWithContext(t.Context(), method, b.HTTP+"/sandbox/v1/"+path, bytes.NewReader(text))
	require.NoError(t, err)
	r.Header.Set("Content-Type", "application/json")
	if run != "" {
		r.Header.Set("Rutravel-Run", run)
	}
	resp, err := new(http.Client).Do(r)
	require.NoError(t, err)
	defer resp.Body.Close()
	require.Less(t, resp.StatusCode, 300, path)
	if to != nil {
		require.NoError(t, json.NewDecoder(resp.Body).Decode(to))
	}
}

func (b *box) state(t *testing.T, run string) (all map[string]record.State) {
	t.Helper()
	b.api(t, run, http.MethodGet, "state", nil, &all)
	return all
}

// Given a signal, expect the process to end cleanly and to leave no file behind, also
// while a browser listens.
func TestTermination(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("there are no signals")
	}
	b := start(t, "-listen", "127.0.0.1:0", "-tls", "127.0.0.1:0")
	require.FileExists(t, b.CA)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	t.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, b.HTTP+"/sandbox/v1/events", nil)
	require.NoError(t, err)
	resp, err := new(http.Client).Do(r)
	require.NoError(t, err)
	defer resp.Body.Close()
	began := time.Now()
	require.NoError(t, b.cmd.Process.Signal(syscall.SIGTERM))
	require.NoError(t, b.cmd.Wait(), b.out)
	assert.Less(t, time.Since(began), 5*time.Second)
	assert.NoDirExists(t, filepath.Dir(b.CA))
}

// Given flags that are wrong or dangerous, expect one clear line and status 1.
func TestFlags(t *testing.T) {
	t.Parallel()
	seed := filepath.Join(t.TempDir(), "seed.json")
	require.NoError(t, os.WriteFile(seed, []byte(`{"hotels":[]}`), 0o600))
	for want, flags := range map[string][]string{
		"add -public":        {"-listen", "0.0.0.0:0"},
		"access control":     {"-listen", "", "-tls", ":0"},
		"both empty":         {"-listen", ""},
		"needs -tls":         {"-tls-dir", "x"},
		"is not a flag":      {"now"},
		"unknown field":      {"-seed", seed},
		"no such file":       {"-seed", seed + ".missing"},
		"not be negative":    {"-latency", "-1s"},
		"without a port was": {"-host", "sandbox:80"},
	} {
		cmd := exec.Command(program(t, "rutravel-sandbox"), flags...)
		var problem bytes.Buffer
		cmd.Stderr = &problem
		var failed *exec.ExitError
		require.ErrorAs(t, cmd.Run(), &failed, want)
		assert.Equal(t, 1, failed.ExitCode(), want)
		assert.Contains(t, problem.String(), want)
	}
}

// Given -separate-ports, expect each supplier to have a port without a path prefix.
func TestSeparatePorts(t *testing.T) {
	t.Parallel()
	b := start(t, "-listen", "127.0.0.1:0", "-separate-ports")
	match := regexp.MustCompile(`# regionbilet alone: (http://\S+)/`).FindStringSubmatch(b.out.String())
	require.NotNil(t, match, b.out)
	cmd := exec.Command(program(t, "regionbilet"))
	cmd.Env = append(os.Environ(), "REGIONBILET_URL="+match[1], "REGIONBILET_USER=agent", "REGIONBILET_SKEY=fake-secret-key")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
	assert.Len(t, b.state(t, "")["regionbilet"].Bookings, 2)
}

// The command needs no shared library, so that it runs in an image without any.
func TestStatic(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("programs are ELF on Linux")
	}
	f, err := elf.Open(program(t, "rutravel-sandbox"))
	require.NoError(t, err)
	defer f.Close()
	libraries, err := f.ImportedLibraries()
	require.NoError(t, err)
	assert.Empty(t, libraries)
}
