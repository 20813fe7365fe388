/**
 * Constants of Linux, the same on x86-64 and arm64.
 *
 * @module
 */

// <sys/socket.h>
/** IPv4. */
export const AF_INET = 2;

/** IPv6. */
export const AF_INET6 = 10;

/** A stream, so TCP. */
export const SOCK_STREAM = 1;

/** No call waits. */
export const SOCK_NONBLOCK = 0o4000;

/** Other programs do not inherit the descriptor. */
export const SOCK_CLOEXEC = 0o2000000;

/** Options of every socket. */
export const SOL_SOCKET = 1;

/** The port may have connections that have just ended. */
export const SO_REUSEADDR = 2;

/** How long a close waits for unsent output; with 0 seconds, the close is a reset. */
export const SO_LINGER = 13;

/** Several sockets listen on the port. */
export const SO_REUSEPORT = 15;

/** No SIGPIPE after the end of the connection. */
export const MSG_NOSIGNAL = 0x4000;

/** Ends the output. */
export const SHUT_WR = 1;

// <netinet/tcp.h>
/** Options of TCP. */
export const IPPROTO_TCP = 6;

/** Output is sent at once. */
export const TCP_NODELAY = 1;

// <sys/epoll.h>, <sys/eventfd.h>, <poll.h>
/** Other programs do not inherit the descriptor. */
export const EPOLL_CLOEXEC = 0o2000000;

/** Adds a descriptor. */
export const EPOLL_CTL_ADD = 1;

/** Changes the events of a descriptor. */
export const EPOLL_CTL_MOD = 3;

/** There is input. */
export const EPOLLIN = 1;

/** There is room for output. */
export const EPOLLOUT = 4;

/** The connection has failed. */
export const EPOLLERR = 8;

/** Both sides have ended. */
export const EPOLLHUP = 0x10;

/** The peer has ended its output. */
export const EPOLLRDHUP = 0x2000;

/** Each event is reported once. */
export const EPOLLET = 1 << 31;

/** No call waits, and other programs do not inherit the descriptor. */
export const EFD_FLAGS = 0o2004000;

/** There is an event. */
export const POLLIN = 1;

// <errno.h>
/** A signal came. */
export const EINTR = 4;

/** The call would have to wait. */
export const EAGAIN = 11;

/** No memory. */
export const ENOMEM = 12;

/** Not permitted. */
export const EACCES = 13;

/** The system has no free descriptor. */
export const ENFILE = 23;

/** The process has no free descriptor. */
export const EMFILE = 24;

/** The port is taken. */
export const EADDRINUSE = 98;

/** The address is none of this machine. */
export const EADDRNOTAVAIL = 99;

/** No memory for buffers. */
export const ENOBUFS = 105;
