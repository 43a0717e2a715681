package roster_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"example.com/roster/internal/deployment"
)

func TestExamplePrintsWhatTheReadmeSays(t *testing.T) {
	services := deployment.Start(t)
	command := exec.Command("go", "run", "./example")
	command.Stderr = os.Stderr
	command.Env = append(os.Environ(),
		"ROSTER_COMMAND_SERVICE="+services.CommandService, "ROSTER_QUERY_SERVICE="+services.QueryService)
	output, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	if said := "$ go run ./example\n" + string(output) + "```"; !strings.Contains(string(readme), said) {
		t.Errorf("README.md does not say\n%s", said)
	}
}
