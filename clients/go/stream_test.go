package roster

import (
	"testing"

	"example.com/roster/rosterv1"
	"google.golang.org/protobuf/proto"
)

func page(users int, token string) *rosterv1.ListUsersResponse {
	return &rosterv1.ListUsersResponse{Users: make([]*rosterv1.User, users), NextPageToken: token}
}

func TestListGoesOnAfterThePagesTakenWithWhatIsLeftOfTheLimit(t *testing.T) {
	given := &rosterv1.ListUsersRequest{Limit: 5, OrderBy: "email", ReadAfter: "write"}
	resume := newListResume(given)
	if !resume.waits() {
		t.Error("the server is not told to wait")
	}
	if resume.taken(page(2, "two")) {
		t.Error("nothing is left")
	}
	want := &rosterv1.ListUsersRequest{Limit: 3, OrderBy: "email", ReadAfter: "write", PageToken: "two"}
	if !proto.Equal(resume.request(), want) {
		t.Errorf("asks for %v", resume.request())
	}
	// The page token holds the state that was waited for.
	if resume.waits() {
		t.Error("waits again")
	}
	if !resume.taken(page(3, "five")) {
		t.Error("asks for more than the limit")
	}
	if given.GetLimit() != 5 || given.GetPageToken() != "" {
		t.Errorf("the request given became %v", given)
	}
}

func TestListWithoutLimitEndsWithItsLastPage(t *testing.T) {
	resume := newListResume(&rosterv1.ListUsersRequest{})
	if resume.taken(page(2, "two")) || resume.request().GetLimit() != 0 {
		t.Errorf("asks for %v", resume.request())
	}
	if !resume.taken(page(0, "")) {
		t.Error("something is left")
	}
}

func TestWatchGoesOnAfterTheMessageTaken(t *testing.T) {
	resume := newWatchResume(&rosterv1.WatchUsersRequest{ReadAfter: "write"})
	if !resume.waits() || resume.taken(&rosterv1.WatchUsersResponse{ResumeToken: "here"}) {
		t.Error("does not wait, or ends")
	}
	if !proto.Equal(resume.request(), &rosterv1.WatchUsersRequest{ResumeToken: "here"}) {
		t.Errorf("asks for %v", resume.request())
	}
}
