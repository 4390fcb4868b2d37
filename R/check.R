check_positive <- function(value, name) {
  if (is.numeric(value) && length(value) == 1 && is.finite(value) && value > 0) return(invisible())
  stop_glmpp("argument", sprintf("`%s` must be one positive number.", name),
             x = sprintf("It is %s.", deparse1(value)))
}

check_count <- function(value, name) {
  if (is.numeric(value) && length(value) == 1 && is.finite(value) && value >= 1) return(invisible())
  stop_glmpp("argument", sprintf("`%s` must be one whole number of at least 1.", name),
             x = sprintf("It is %s.", deparse1(value)))
}

check_flag <- function(value, name) {
  if ((is.logical(value) || is.numeric(value)) && length(value) == 1 && !is.na(value)) return(invisible())
  stop_glmpp("argument", sprintf("`%s` must be TRUE or FALSE.", name))
}

check_threads <- function(threads) {
  if (is.null(threads)) return(NULL)
  check_count(threads, "threads")
  as.integer(min(threads, 1024))
}

# Prior weights: numeric, non-negative, finite, one per row.
check_weights <- function(weights, rows) {
  if (is.null(weights)) return(NULL)
  if (!is.numeric(weights)) {
    stop_glmpp("weights", "`weights` must be a numeric vector.",
               x = sprintf("It is %s.", describe_type(weights)))
  }
  check_length(weights, rows, "weights")
  scan <- summarise_numeric(weights)
  if (scan$first_bad > 0) {
    stop_glmpp("weights", "`weights` must be finite.",
               x = sprintf("Element %d is %s.", scan$first_bad, format(weights[scan$first_bad])))
  }
  if (scan$min < 0) {
    first <- which(weights < 0)[1]
    stop_glmpp("weights", "`weights` must be non-negative: negative weights not allowed.",
               x = sprintf("Element %d is %s.", first, format(weights[first])))
  }
  as.vector(weights)
}

check_offset <- function(offset, rows) {
  if (is.null(offset)) return(NULL)
  if (!is.numeric(offset)) {
    stop_glmpp("offset", "`offset` must be a numeric vector.",
               x = sprintf("It is %s.", describe_type(offset)))
  }
  check_length(offset, rows, "offset")
  scan <- summarise_numeric(offset)
  if (scan$first_bad > 0) {
    value <- offset[scan$first_bad]
    stop_glmpp("offset", "`offset` must be finite.",
               x = sprintf("Element %d is %s.", scan$first_bad, format(value)),
               i = if (identical(value, -Inf)) "log(0) gives -Inf: is an exposure zero?")
  }
  as.double(offset)
}

check_length <- function(values, rows, name) {
  if (length(values) == rows) return(invisible())
  stop_glmpp(name, sprintf("`%s` must have one element per row.", name),
             x = sprintf("It has %d; the response has %d.", length(values), rows))
}

# Infinite or missing values left in the columns of a design.
check_columns <- function(columns, rows) {
  scan <- scan_columns(columns, rows)
  refuse_infinite(scan, names(columns))
  bad <- which(scan$missing > 0)
  if (length(bad)) {
    stop_glmpp("missing", sprintf("NA/NaN in column `%s`.", names(columns)[bad[1]]),
               x = sprintf("%s missing, the first in row %d.",
                           plural(scan$missing[bad[1]], "value"), scan$rows[1]),
               i = "Use `na.action = na.omit` to drop such rows.")
  }
}

scan_columns <- function(columns, rows) scan_columns_impl(columns, rows, thread_count(NULL))

refuse_infinite <- function(scan, names) {
  bad <- which(scan$first_infinite > 0)
  if (!length(bad)) return(invisible())
  stop_glmpp("infinite", sprintf("NA/NaN/Inf: column `%s` must be finite.", names[bad[1]]),
             x = sprintf("Row %d is infinite.", scan$first_infinite[bad[1]]),
             i = "Was it made by log(0) or a division by zero? Recode it, or drop such rows by `subset`.")
}
