# Waiting for the answers of nodes, and leaving them in step when the waiting ends before they came: by an error of another
# node, or by an interrupt. A node that was interrupted too never answers what it was asked; others answer late. So a node that owes
# an answer is sent a word, and what it says before it repeats the word is thrown away.

# NULL from a dead node. mirai returns an error value of its own for one, a "miraiError" for a failed evaluation.
receive <- function(home, node) {
  wait_for_answer(home$source$cluster[[node]])
  value <- tryCatch(snow_message("recvResult")(home$source$cluster[[node]]), error = function(error) NULL)
  if (inherits(value, "errorValue") && !inherits(value, "miraiError")) value <- NULL
  if (is.null(value)) home$is_alive[node] <- FALSE
  value
}

# In short turns, between which R hears an interrupt; reading alone does not. FALSE where none came in so many seconds.
wait_for_answer <- function(node, seconds = Inf) {
  connection <- socket_of(node)
  if (is.null(connection)) return(TRUE)
  until <- proc.time()[["elapsed"]] + seconds
  turn <- 0.1
  while (!socketSelect(list(connection), FALSE, turn)) if (proc.time()[["elapsed"]] >= until) return(FALSE)
  TRUE
}

# Only nodes of parallel have one.
socket_of <- function(node) {
  connection <- tryCatch(node$con, error = function(e) NULL)
  if (inherits(connection, "sockconn")) connection
}

# Words that nodes owe, by the numbers of their connections.
owed_words <- new.env(parent = emptyenv())

key_of <- function(node) as.character(as.integer(socket_of(node)))

# Lets the nodes that owe an answer go. After an interrupt those on this machine are told to stop, and nobody waits long: what is not
# said within `seconds` is owed.
release_nodes <- function(home, nodes, is_interrupt, seconds = if (is_interrupt) 0.5 else Inf) {
  nodes <- Filter(function(node) home$is_alive[node] && !is.null(socket_of(home$source$cluster[[node]])), nodes)
  if (is_interrupt) interrupt_nodes(home$processes[nodes])
  word <- new_home_id()
  for (node in nodes) if (send(home, node, echo_call, list(word))) assign(key_of(home$source$cluster[[node]]), word, envir = owed_words)
  for (node in nodes) hear_out(home, node, seconds)
}

# Processes of this machine, as they told it when they loaded the package. They hear a terminal's Ctrl-C themselves; not
# those that another program started.
interrupt_nodes <- function(processes) {
  for (process in processes) {
    if (identical(process$machine, Sys.info()[["nodename"]])) tools::pskill(process$id, tools::SIGINT)
  }
  if (length(processes)) Sys.sleep(0.05)  # not while the word is on its way
}

# Reads what a node says until it repeats the word that it owes; FALSE where it did not in time.
hear_out <- function(home, node, seconds = Inf) {
  member <- home$source$cluster[[node]]
  if (is.null(socket_of(member))) return(TRUE)
  word <- owed_words[[key_of(member)]]
  if (is.null(word)) return(TRUE)
  until <- proc.time()[["elapsed"]] + seconds
  repeat {
    if (!wait_for_answer(member, until - proc.time()[["elapsed"]])) return(FALSE)
    said <- receive(home, node)
    if (is.null(said) || identical(said, word)) break
  }
  rm(list = key_of(member), envir = owed_words)
  TRUE
}

owes_answer <- function(home, node) {
  member <- home$source$cluster[[node]]
  !is.null(socket_of(member)) && exists(key_of(member), envir = owed_words, inherits = FALSE)
}
