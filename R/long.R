# Vectors of one element per row, where there are so many that a thread more pays. `threads` are those of the settings;
# NULL, where there are none, stands for the default.

many_rows <- 1e6

summarise_numeric <- function(values, threads = NULL) {
  summarise_numeric_impl(values, if (length(values) < many_rows) 1L else thread_count(threads))
}

# A double vector without attributes.
plain_double <- function(values, threads = NULL) {
  if (length(values) < many_rows || is.double(values)) as.double(values) else as_double_impl(values, thread_count(threads))
}

# Very many are made when somebody reads them.
deferred_ones <- function(count, names = NULL) {
  if (count > most_names_made) return(deferred_impl(function() ones(count), count, names))
  made <- reference_cache$ones
  if (length(made) != count) assign("ones", made <- rep.int(1, count), envir = reference_cache)
  if (!is.null(names)) names(made) <- names
  made
}

ones <- function(count, threads = NULL) {
  if (count < many_rows) rep.int(1, count) else repeat_impl(1, count, thread_count(threads))
}
