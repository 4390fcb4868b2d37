# Whether two answers say the same: their numbers and words, whatever holds them.

# Names that say how an object was come by.
left_aside <- c("call", "terms", "family", "method", "control", "iter", ".Environment", "model_name", "heading", "start", "class", "names", "row.names",
                "dimnames", "n.iter", "timing", "formula.env", "srcref", "object_name", "data", "contrasts", "digits")

parts_of <- function(value, depth = 0) {
  if (is.function(value) || is.environment(value) || is.null(value) || depth > 6) return(list())
  if (inherits(value, "ggplot")) return(parts_of(value$data, depth + 1))
  if (is.language(value)) return(list(words(deparse1(value))))
  if (isS4(value)) return(parts_of(lapply(stats::setNames(nm = methods::slotNames(value)), methods::slot, object = value), depth + 1))
  if (is.data.frame(value)) value <- value[order(names(value))]
  if (is.list(value)) {
    value <- unclass(value)
    kept <- setdiff(seq_along(value), which(names(value) %in% left_aside))
    return(unlist(lapply(kept, function(k) parts_of(value[[k]], depth + 1)), recursive = FALSE))
  }
  if (is.factor(value)) value <- as.character(value)
  if (is.character(value)) return(list(words(value)))
  if (is.atomic(value)) list(as.double(value)) else list()
}

# Of printed text the numbers count as numbers, and the rest without blanks, rules, numbers of iterations and our own arguments.
words <- function(text) {
  text <- gsub("glmpp::|stats::|MASS::|nnet::|[^[:print:]]", "", paste(text, collapse = " "))
  text <- gsub("(glmpp|multinom|polr)\\(", "glm(", text)
  text <- gsub(",? ?method = glmpp_fit|epsilon = [-0-9e]+, maxit = [0-9]+|Fisher Scoring iterations: [0-9]+", "", gsub("[[:space:]]+", " ", text))
  strsplit(trimws(gsub("[-=_ ]+", " ", text)), " ")[[1]]
}

number_pattern <- "[0-9]+([.,][0-9]+)*(e[+-]?[0-9]+)?"

# NULL, or why not.
difference <- function(ours, theirs, tolerance = 1e-5) {
  a <- parts_of(ours)
  b <- parts_of(theirs)
  if (length(a) != length(b)) return(sprintf("%d parts in place of %d", length(a), length(b)))
  for (k in seq_along(a)) {
    found <- part_difference(a[[k]], b[[k]], tolerance)
    if (!is.null(found)) return(found)
  }
}

part_difference <- function(a, b, tolerance) {
  if (is.character(a) && is.character(b)) return(text_difference(a, b, tolerance))
  if (!is.double(a) || !is.double(b)) return("another type")
  if (length(a) != length(b)) return(sprintf("%d numbers in place of %d", length(a), length(b)))
  if (!identical(is.na(a), is.na(b))) return("NA elsewhere")
  scale <- pmax(abs(b), tolerance * max(1, abs(b[is.finite(b)])))
  gap <- ifelse(a == b, 0, abs(a - b) / scale)
  gap <- gap[!is.na(gap)]
  if (length(gap) && max(gap) > tolerance) sprintf("numbers differ by %.1e", max(gap))
}

text_difference <- function(a, b, tolerance) {
  if (identical(a, b)) return(NULL)
  numbers <- function(text) suppressWarnings(as.double(unlist(regmatches(text, gregexpr(number_pattern, text)))))
  plain <- function(text) gsub(number_pattern, "#", text)
  if (identical(plain(a), plain(b))) return(part_difference(numbers(a), numbers(b), tolerance))
  shared <- seq_len(min(length(a), length(b)))
  first <- c(which(plain(a)[shared] != plain(b)[shared]), length(shared) + 1)[1]
  at <- function(text) paste(text[first + 0:5][!is.na(text[first + 0:5])], collapse = " ")
  sprintf("text: \"%s\" in place of \"%s\"", substr(at(a), 1, 50), substr(at(b), 1, 50))
}
