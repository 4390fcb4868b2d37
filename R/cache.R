# Model frames of parts in a temporary file, in R's binary form, so that passes after the first need not parse text.

new_cache <- function() {
  path <- tempfile("glmpp-cache-")
  connection <- file(path, "wb", raw = TRUE)
  count <- 0L
  labels <- character()
  list(
    add = function(frame, label) {
      if (!nrow(frame)) return(invisible())
      text <- vapply(frame, is.character, NA)
      frame[text] <- lapply(frame[text], factor)
      # The terms hold an environment, which may be large.
      attr(frame, "terms") <- NULL
      serialize(frame, connection, xdr = FALSE)
      count <<- count + 1L
      labels <<- c(labels, label)
    },
    # A reader of what was added: next_part() gives model frames.
    reader = function(terms) {
      if (!is.null(connection)) close(connection)
      connection <<- NULL
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
      if (!is.null(connection)) close(connection)
      unlink(path)
    }
  )
}
