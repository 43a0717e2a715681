// Command example shows what a caller of Roster meets, from sign-up to watching: go run ./example
//
// ROSTER_COMMAND_SERVICE and ROSTER_QUERY_SERVICE name the services, by default those of ./dev run. For empty services;
// what it makes stays there.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"strings"
	"time"

	"example.com/roster"
	"example.com/roster/rosterv1"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
)

func main() {
	log.SetFlags(0)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	client, err := roster.NewClient(roster.Options{
		// Several addresses: the client finds the command service that leads.
		CommandService: addresses("ROSTER_COMMAND_SERVICE"),
		QueryService:   addresses("ROSTER_QUERY_SERVICE"),
	})
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	if err := tour(ctx, client); err != nil {
		log.Fatal(err)
	}
}

func addresses(variable string) []string {
	if list := os.Getenv(variable); list != "" {
		return strings.Split(list, ",")
	}
	return nil
}

func tour(ctx context.Context, client *roster.Client) error {
	ann, err := signUp(ctx, client)
	if err != nil {
		return err
	}
	if err := readOwnWrite(ctx, client, ann); err != nil {
		return err
	}
	_, err = client.SignUpUser(ctx, &rosterv1.SignUpUserRequest{Email: "Ann@example.com"})
	if errors.Is(err, roster.ErrEmailTaken) {
		fmt.Println("Ann@example.com is taken")
	}
	write, err := rename(ctx, client, ann.GetUser(), "Ann Moor", ann.GetConsistencyToken())
	if err != nil {
		return err
	}
	write, err = rename(ctx, client, ann.GetUser(), "Ann Ruiz", write.GetConsistencyToken())
	if err != nil {
		return err
	}
	fmt.Printf("renamed to %s, version %d\n", write.GetUser().GetDisplayName(), write.GetUser().GetVersion())
	if err := list(ctx, client, write.GetConsistencyToken()); err != nil {
		return err
	}
	_, err = watch(ctx, client, write.GetUser().GetVersion())
	return err
}

func signUp(ctx context.Context, client *roster.Client) (*rosterv1.SignUpUserResponse, error) {
	// Keep the request_id with what you are about to do: whatever happens to this process, the same request with the same
	// id takes effect once. The client repeats it by itself for as long as ctx allows.
	request := &rosterv1.SignUpUserRequest{Email: "ann@example.com", DisplayName: "Ann Lee", RequestId: roster.NewRequestID()}
	first, err := client.SignUpUser(ctx, request)
	if err != nil {
		return nil, err
	}
	fmt.Printf("signed up %s, version %d\n", first.GetUser().GetEmail(), first.GetUser().GetVersion())
	repeated, err := client.SignUpUser(ctx, request)
	if err != nil {
		return nil, err
	}
	fmt.Printf("repeated the request: the same event is %t\n", repeated.GetEventId() == first.GetEventId())
	return first, nil
}

func readOwnWrite(ctx context.Context, client *roster.Client, written *rosterv1.SignUpUserResponse) error {
	answer, err := client.GetUser(ctx, &rosterv1.GetUserRequest{
		Key:       &rosterv1.GetUserRequest_UserId{UserId: written.GetUser().GetUserId()},
		ReadAfter: written.GetConsistencyToken(),
	})
	if err != nil {
		return err
	}
	fmt.Printf("read my own write: %s\n", answer.GetUser().GetDisplayName())
	return nil
}

// Changes the name of the user as seen; where they have changed since, reads them again first.
func rename(ctx context.Context, client *roster.Client, seen *rosterv1.User, name, lastWrite string) (*rosterv1.UpdateUserResponse, error) {
	answer, err := client.UpdateUser(ctx, &rosterv1.UpdateUserRequest{
		User:       &rosterv1.User{UserId: seen.GetUserId(), DisplayName: name, Etag: seen.GetEtag()},
		UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"display_name"}},
	})
	if !errors.Is(err, roster.ErrEtagMismatch) {
		return answer, err
	}
	fmt.Printf("%s has changed since version %d: reading again\n", seen.GetDisplayName(), seen.GetVersion())
	now, err := client.GetUser(ctx, &rosterv1.GetUserRequest{
		Key:       &rosterv1.GetUserRequest_UserId{UserId: seen.GetUserId()},
		ReadAfter: lastWrite,
	})
	if err != nil {
		return nil, err
	}
	return rename(ctx, client, now.GetUser(), name, lastWrite)
}

func list(ctx context.Context, client *roster.Client, lastWrite string) error {
	for page, err := range client.ListUsers(ctx, &rosterv1.ListUsersRequest{OrderBy: "email", ReadAfter: lastWrite}) {
		if err != nil {
			return err
		}
		for _, user := range page.GetUsers() {
			fmt.Printf("listed %s, %s\n", user.GetEmail(), user.GetDisplayName())
		}
	}
	return nil
}

// Follows the users until one has that version. Returns the token to go on with, also in another process.
func watch(ctx context.Context, client *roster.Client, untilVersion int64) (string, error) {
	for message, err := range client.WatchUsers(ctx, &rosterv1.WatchUsersRequest{}) {
		if err != nil {
			return "", err
		}
		for _, user := range message.GetUsers() {
			fmt.Printf("watched %s, version %d\n", user.GetEmail(), user.GetVersion())
			if user.GetVersion() >= untilVersion {
				return message.GetResumeToken(), nil
			}
		}
	}
	return "", errors.New("a watch never ends by itself")
}
