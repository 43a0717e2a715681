// Package roster is the client of Roster, the user-lifecycle service.
//
// [Client] sends commands and queries; requests and responses are those of the contract, in package rosterv1. A call that
// fails in a way that may pass is repeated until its context ends, after a while or at another address; commands have a
// request_id by then, so they take effect once. What is left is an [*Error], with the reason that the service gives.
package roster
