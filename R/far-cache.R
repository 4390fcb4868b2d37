# Model frames of parts in a temporary file, in R's binary form, so that passes after the first need not parse text.

new_cache <- function() {
  path <- tempfile("glmpp-cache-")
  connection <- file(path, "wb")
  count <- 0L
  labels <- character()
  close_writing <- function() {
    if (!is.null(connection)) close(connection)
    connection <<- NULL
  }
  list(
    # FALSE where the disk is full.
    add = function(frame, label) {
      if (!nrow(frame)) return(TRUE)
      text <- vapply(frame, is.character, NA)
      frame[text] <- lapply(frame[text], factor)
      # The terms hold an environment, which may be large.
      attr(frame, "terms") <- NULL
      count <<- count + 1L
      labels <<- c(labels, label)
      succeeds(serialize(frame, connection, xdr = FALSE))
    },
    # Ends the writing; FALSE where the disk did not hold it all.
    finish = function() {
      written <- seek(connection, rw = "write")
      succeeds(close_writing()) && file.size(path) == written
    },
    # A reader of what was added: next_part() gives model frames.
    reader = function(terms) {
      source <- file(path, "rb", raw = TRUE)
      read <- 0L
      list(
        next_part = function() {
          if (read == count) return(NULL)
          read <<- read + 1L
          structure(unserialize(source), terms = terms, label = labels[read])
        },
        close = function() close(source)
      )
    },
    close = function() {
      try(close_writing(), silent = TRUE)
      unlink(path)
    }
  )
}

succeeds <- function(work) tryCatch({
  work
  TRUE
}, error = function(e) FALSE)
