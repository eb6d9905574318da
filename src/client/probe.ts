/** Whether a daemon takes connections on this unix socket. */
export async function answers(socket: string): Promise<boolean> {
  try {
    const connected = await Bun.connect({ unix: socket, socket: { data() {}, error() {}, connectError() {} } });
    connected.end();
    return true;
  } catch {
    return false;
  }
}
