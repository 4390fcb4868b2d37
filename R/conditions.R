# Every error and warning of the package is made here: a class of its own, a sentence, and bullets
# that name the element and the remedy.

new_message <- function(header, bullets) {
  bullets <- unlist(bullets)
  paste(c(header, if (length(bullets)) paste(names(bullets), bullets)), collapse = "\n")
}

stop_glmpp <- function(class, header, ...) {
  stop(structure(
    class = c(paste0("glmpp_error_", class), "glmpp_error", "error", "condition"),
    list(message = new_message(header, list(...)), call = NULL)
  ))
}

warn_glmpp <- function(class, header, ...) {
  warning(structure(
    class = c(paste0("glmpp_warning_", class), "glmpp_warning", "warning", "condition"),
    list(message = new_message(header, list(...)), call = NULL)
  ))
}

comma <- function(values, most = 10) {
  shown <- if (length(values) > most) {
    c(values[seq_len(most)], sprintf("and %d more", length(values) - most))
  } else {
    values
  }
  paste(shown, collapse = ", ")
}

# The known names that are a few typing errors away, or begin with what was given.
nearest_names <- function(name, known) {
  if (!is.character(name) || length(name) == 0 || is.na(name[1])) return(NULL)
  distance <- utils::adist(name[1], known, ignore.case = TRUE)[1, ] / pmax(nchar(known), nchar(name[1]))
  begins <- nchar(name[1]) > 2 & startsWith(tolower(known), tolower(name[1]))
  known[distance <= 0.4 | begins]
}

# "row 3", "rows 3, 5, 9"
rows_text <- function(rows) {
  paste(if (length(rows) == 1) "row" else "rows", comma(rows, 5))
}

plural <- function(count, noun) {
  sprintf("%s %s%s", format(count, big.mark = ","), noun, if (count == 1) "" else "s")
}

describe_type <- function(value) {
  sprintf("%s of class %s", typeof(value), comma(dQuote(class(value), FALSE)))
}

# A value as it was given where that is short, else by its type.
value_text <- function(value, most = 60) {
  if (is.list(value) || is.function(value) || is.environment(value) || isS4(value)) return(describe_type(value))
  if (is.atomic(value) && length(value) > 20) return(sprintf("%s, %d elements", describe_type(value), length(value)))
  text <- deparse1(value)
  if (nchar(text) > most) paste0(substr(text, 1, most - 3), "...") else text
}

# Why a solver stopped without success, and what to do next; the names are the core's.
stop_reasons <- c(
  iteration_limit = "The iteration limit was reached before the deviance settled.",
  no_valid_start = "No coefficients were found for which the mean is valid for every row.",
  no_valid_step = "Shortened steps did not come back to where the mean is valid for every row.",
  no_descent = "Shortened steps did not lower the deviance."
)
