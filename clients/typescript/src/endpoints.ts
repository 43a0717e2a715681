/** The addresses of one service, and which of them calls go to. */
export class Endpoints {
  readonly addresses: readonly string[];
  private next = 0;
  private address: string;

  constructor(addresses: string | readonly string[]) {
    const list = typeof addresses === "string" ? addresses.split(",") : addresses;
    this.addresses = list.map((address) => address.trim());
    const first = this.addresses[0];
    if (!first || this.addresses.includes("")) throw new TypeError(`an address is empty: ${JSON.stringify(addresses)}`);
    this.address = first;
  }

  current(): string {
    return this.address;
  }

  /** Calls go to the address after `failed`, unless another call has moved on from it already. */
  moveOn(failed: string): void {
    if (this.address !== failed) return;
    // A leader that was followed need not be in the list: then go on where the list was left.
    if (this.address === this.addresses[this.next]) this.next = (this.next + 1) % this.addresses.length;
    this.address = this.addresses[this.next] ?? failed;
  }

  /** Calls go to `leader`, which may be an address not in the list. */
  follow(leader: string): void {
    this.address = leader;
    const index = this.addresses.indexOf(leader);
    if (index >= 0) this.next = index;
  }
}
