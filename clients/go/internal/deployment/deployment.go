// Package deployment runs real services for the tests; see clients/testing/deployment.
package deployment

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
)

// Deployment is one set of services. Not safe for concurrent use.
type Deployment struct {
	CommandService        string `json:"command_service"`
	QueryService          string `json:"query_service"`
	AnotherCommandService string `json:"another_command_service"`
	// Files, of secure ones.
	CA    string `json:"ca"`
	Token string `json:"token"`

	stdin   io.Writer
	answers *bufio.Reader
}

// Start runs services until the test ends.
func Start(t *testing.T, arguments ...string) *Deployment {
	t.Helper()
	_, file, _, _ := runtime.Caller(0)
	program := filepath.Join(filepath.Dir(file), "../../../testing/deployment")
	command := exec.Command("python3", append([]string{program}, arguments...)...)
	command.Stderr = os.Stderr
	stdin, err := command.StdinPipe()
	must(err)
	stdout, err := command.StdoutPipe()
	must(err)
	must(command.Start())
	t.Cleanup(func() {
		must(stdin.Close())
		must(command.Wait())
	})
	d := &Deployment{stdin: stdin, answers: bufio.NewReader(stdout)}
	d.readAnswer(d)
	return d
}

// Kill ends a service as a crash would.
func (d *Deployment) Kill(name string) { d.do("kill " + name) }

// Start starts a service again, at the address it had.
func (d *Deployment) Start(name string) { d.do("start " + name) }

func (d *Deployment) do(line string) {
	_, err := fmt.Fprintln(d.stdin, line)
	must(err)
	d.readAnswer(&struct{}{})
}

func (d *Deployment) readAnswer(answer any) {
	line, err := d.answers.ReadBytes('\n')
	must(err)
	must(json.Unmarshal(line, answer))
}

// Without its services a test can do nothing.
func must(err error) {
	if err != nil {
		panic(err)
	}
}
