// The benchmark's server by hand on Bun, with its own publish.
const server = Bun.serve({
  hostname: '127.0.0.1',
  port: Number(process.argv[2] ?? 9001),
  fetch(request, server) {
    const { pathname } = new URL(request.url)
    const room = pathname.startsWith('/group/') ? pathname : undefined
    if (server.upgrade(request, { data: { room } })) return undefined
    return new Response('a WebSocket is expected here', { status: 426 })
  },
  websocket: {
    perMessageDeflate: false,
    open(socket) {
      if (socket.data.room) socket.subscribe(socket.data.room)
    },
    message(socket, message) {
      if (socket.data.room) server.publish(socket.data.room, message)
      else socket.send(message)
    },
  },
})
