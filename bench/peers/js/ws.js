// The benchmark's server by hand on ws, with a set of members for each room.
const { createServer } = require('node:http')
const { WebSocket, WebSocketServer } = require('ws')

const rooms = new Map()
const http = createServer()
const sockets = new WebSocketServer({ server: http, perMessageDeflate: false })

function join(path) {
  if (!rooms.has(path)) rooms.set(path, new Set())
  return rooms.get(path)
}

function publish(room, data, binary) {
  for (const member of room) {
    if (member.readyState === WebSocket.OPEN) member.send(data, { binary })
  }
}

sockets.on('connection', (socket, request) => {
  if (!request.url.startsWith('/group/')) {
    socket.on('message', (data, binary) => socket.send(data, { binary }))
    return
  }
  const room = join(request.url)
  room.add(socket)
  socket.on('close', () => room.delete(socket))
  socket.on('message', (data, binary) => publish(room, data, binary))
})

// The kernel's queue: the load generator connects many at once.
http.listen(Number(process.argv[2] ?? 9001), '127.0.0.1', 4096)
