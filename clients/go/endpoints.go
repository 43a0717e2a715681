package roster

import (
	"errors"
	"slices"
	"sync"

	"google.golang.org/grpc"
)

// The addresses of one service, and which of them calls go to. Connections are made when first used and kept. Safe for
// concurrent use.
type endpoints struct {
	addresses []string
	connect   func(address string) (*grpc.ClientConn, error)

	mutex       sync.Mutex
	next        int
	current     string
	connections map[string]*grpc.ClientConn
}

func newEndpoints(addresses []string, connect func(address string) (*grpc.ClientConn, error)) (*endpoints, error) {
	if len(addresses) == 0 || slices.Contains(addresses, "") {
		return nil, errors.New("roster: an address is missing")
	}
	e := &endpoints{addresses: addresses, connect: connect, current: addresses[0], connections: map[string]*grpc.ClientConn{}}
	for _, address := range addresses {
		// A wrong setting shows at once; nothing is sent yet.
		if _, err := e.connection(address); err != nil {
			return nil, err
		}
	}
	return e, nil
}

func (e *endpoints) currentAddress() string {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	return e.current
}

// Calls go to the address after failed, unless another call has moved on from it already.
func (e *endpoints) moveOn(failed string) {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	if e.current != failed {
		return
	}
	// A leader that was followed need not be in the list: then go on where the list was left.
	if e.current == e.addresses[e.next] {
		e.next = (e.next + 1) % len(e.addresses)
	}
	e.current = e.addresses[e.next]
}

// Calls go to leader, which may be an address not in the list.
func (e *endpoints) follow(leader string) {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	e.current = leader
	if i := slices.Index(e.addresses, leader); i >= 0 {
		e.next = i
	}
}

func (e *endpoints) connection(address string) (*grpc.ClientConn, error) {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	if connection := e.connections[address]; connection != nil {
		return connection, nil
	}
	connection, err := e.connect(address)
	if err == nil {
		e.connections[address] = connection
	}
	return connection, err
}

func (e *endpoints) close() error {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	var err error
	for _, connection := range e.connections {
		err = errors.Join(err, connection.Close())
	}
	return err
}
