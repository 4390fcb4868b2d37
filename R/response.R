# The response side of a model: y as the family sees it, prior weights, offset, trials and start.

# Of a part of the rows (`is_part`) nothing is asked that only the whole must be.
read_response <- function(frame, family, start, threads = NULL, is_part = FALSE) {
  column <- attr(attr(frame, "terms"), "response")
  if (column == 0) {
    stop_glmpp("response", "`formula` must have a response.", i = "Write it as `y ~ x`.")
  }
  # model.response() would copy the column to name it; the names go on the object's vectors later.
  y <- .subset2(frame, column)
  if (length(dim(y)) == 1L) y <- as.vector(y)
  response <- new_response(y, .subset2(frame, "(weights)"), frame_offset(frame), .subset2(frame, "(etastart)"),
                           .subset2(frame, "(mustart)"), family, start, names(frame)[column], threads, is_part)
  response$names <- as.character(attr(frame, "row.names"))
  if (!is.null(response$offset)) warn_raw_exposure(response, family, offset_functions(frame))
  response
}

# Which functions made it. Of an argument the call is not known here.
offset_functions <- function(frame) {
  terms <- attr(frame, "terms")
  unlist(lapply(attr(terms, "offset"), function(k) all.names(attr(terms, "variables")[[k + 1]])))
}

frame_offset <- function(frame) {
  columns <- c(attr(attr(frame, "terms"), "offset"), match("(offset)", names(frame), 0L))
  if (!any(columns > 0L)) return(NULL)
  for (k in columns[columns > 0]) {
    if (is.numeric(.subset2(frame, k))) next
    stop_glmpp("offset", sprintf("`%s` must be numeric.", if (names(frame)[k] == "(offset)") "offset" else names(frame)[k]),
               x = sprintf("It is %s.", describe_type(.subset2(frame, k))))
  }
  model.offset(frame)
}

new_response <- function(y, weights, offset, etastart, mustart, family, start, name = "y", threads = NULL, is_part = FALSE) {
  if (is.object(y)) y <- plain_column(y, name)
  rows <- NROW(y)
  response <- list(
    y = NULL, weights = if (!is.null(weights)) check_weights(plain_column(weights, "weights"), rows, threads, is_part),
    core_family = core_family(family), mean = NULL, rows = rows, is_bernoulli = FALSE,
    offset = if (!is.null(offset)) check_offset(plain_column(offset, "offset"), rows, threads),
    names = if (is.matrix(y)) rownames(y) else names(y), is_part = is_part, trials = NULL, threads = threads
  )
  response <- if (response$core_family$is_callback) {
    initialize_by_family(response, y, family, etastart, mustart, start)
  } else if (!is.null(response$core_family$row_model)) {
    initialize_from_outside(response, y, family, etastart, mustart, start)
  } else {
    initialize_natively(response, y, family, etastart, mustart, start, name)
  }
  if (length(response$y) != rows) check_length(response$y, rows, "response")
  if (!is_part && rows && is.matrix(y) && !any(response$trials > 0, is.null(response$trials))) {
    stop_no_weight(sprintf("The counts in `%s` are 0 in every row.", name))
  }
  response$mean <- common_mean(response$y, response$weights)
  response
}

initialize_natively <- function(response, y, family, etastart, mustart, start, name) {
  response <- if (response$core_family$has_trials) {
    binomial_response(response, y, family, name)
  } else {
    numeric_response(response, y, family, name)
  }
  start_eta <- start_predictor(response, family, etastart, mustart, start)
  if (!is.null(start_eta)) response$start_eta <- start_eta
  response
}

# glm.fit's way, for families that only R knows: their own `initialize` expression.
initialize_by_family <- function(response, y, family, etastart, mustart, start) {
  nobs <- response$rows
  weights <- if (is.null(response$weights)) rep.int(1, nobs) else response$weights
  offset <- response$offset
  given_mustart <- mustart
  tryCatch(eval(family$initialize), error = function(e) {
    stop_glmpp("response", conditionMessage(e), x = sprintf("The `initialize` expression of the %s family says so.", family$family))
  })
  given_eta <- given_start(given_mustart, etastart, family, nobs)
  response$y <- if (is.matrix(y)) y[, 1] else y
  response$weights <- weights
  response$trials <- mget("n", ifnotfound = list(NULL))[[1]]
  response$start_eta <- if (is.null(given_eta)) as.double(family$linkfun(mustart)) else given_eta
  response
}

# The range of a response is known to the family's own expression; its start, to the row model.
initialize_from_outside <- function(response, y, family, etastart, mustart, start) {
  ready <- initialize_by_family(response, y, family, etastart, mustart, start)
  if (is.null(response$weights) && all(ready$weights == 1)) ready["weights"] <- list(NULL)
  if (is.null(mustart) && is.null(etastart)) ready["start_eta"] <- list(NULL)
  ready
}

# NULL lets the core start from the family's own mean.
start_predictor <- function(response, family, etastart, mustart, start) {
  if (!is.null(mustart) || !is.null(etastart)) return(given_start(mustart, etastart, family, response$rows))
  if (response$core_family$variance == "constant" && is.null(start)) domain_start(response$y, family)
}

# The response itself is no starting mean where the link is not defined at it.
domain_start <- function(y, family) {
  if (family$link == "identity") return(NULL)
  eta <- suppressWarnings(family$linkfun(y + 0.1 * (y == 0)))
  if (all(is.finite(eta)) && all(family$valideta(eta))) return(NULL)
  middle <- mean(y)
  if (middle <= 0) middle <- mean(abs(y)) / 10 + 1e-3
  as.double(family$linkfun(pmax(y, middle / 10)))
}

# The linear predictor that `etastart` or `mustart` ask for.
given_start <- function(mustart, etastart, family, rows) {
  if (!is.null(etastart)) return(check_start_vector(etastart, rows, "etastart"))
  if (is.null(mustart)) return(NULL)
  mustart <- check_start_vector(mustart, rows, "mustart")
  eta <- tryCatch(suppressWarnings(as.double(family$linkfun(mustart))),
                  error = function(e) ifelse(mustart > 0 & mustart < 1, 0, NaN))
  bad <- which(!is.finite(eta))
  if (!length(bad)) return(eta)
  stop_glmpp("start", sprintf("`mustart` must be means for which the %s link is defined.", family$link),
             x = sprintf("Element %d is %s.", bad[1], format(mustart[bad[1]])))
}

check_start_vector <- function(values, rows, name) {
  if (!is.numeric(values)) {
    stop_glmpp("start", sprintf("`%s` must be a numeric vector.", name), x = sprintf("It is %s.", describe_type(values)))
  }
  check_length(values, rows, name, "start")
  bad <- which(!is.finite(values))[1]
  if (!is.na(bad)) {
    stop_glmpp("start", sprintf("`%s` must be finite.", name), x = sprintf("Element %d is %s.", bad, format(values[bad])))
  }
  as.double(values)
}

numeric_response <- function(response, y, family, name) {
  refuse_categories(y, family, name)
  if (!is.numeric(y) && !is.logical(y)) {
    stop_glmpp("response", sprintf("The response `%s` must be numeric for the %s family.", name, family$family),
               x = sprintf("It is %s.", describe_type(y)),
               i = if (is.double(y)) sprintf("Write `as.numeric(%s)` for its number.", name))
  }
  if (is.matrix(y) && ncol(y) > 1) {
    stop_glmpp("response", sprintf("The response `%s` must be one column for the %s family.", name, family$family),
               x = sprintf("It has %d.", ncol(y)), i = "Two columns of counts go with the binomial family.")
  }
  if (!is.null(attributes(y))) y <- as.vector(y)
  scan <- summarise_numeric(y, response$threads)
  check_range(y, scan, family, name)
  if (scan$min == scan$max) warn_constant(scan$min, response, family, name)
  if (!scan$all_integer && must_be_whole(family)) warn_fractional_counts(y, name, family)
  response$y <- if (is.integer(y)) y else as.double(y)
  response
}

# A factor or text as response of a family that wants numbers.
refuse_categories <- function(y, family, name) {
  if (!is.factor(y) && !is.character(y)) return(invisible())
  levels <- if (is.factor(y)) levels(y) else sort(unique(y))
  stop_glmpp("response", sprintf("The response `%s` must be numeric for the %s family.", name, family$family),
             x = sprintf("It has the categories %s.", comma(levels)),
             i = if (length(levels) == 2) "For a yes/no outcome use `family = binomial`."
                 else "For categories use `family = multinomial()` or `ordinal()`.")
}

check_range <- function(y, scan, family, name) {
  if (scan$first_bad > 0) {
    stop_glmpp("response", sprintf("The response `%s` must be finite: NA/NaN/Inf in 'y'.", name),
               x = sprintf("Row %d is %s.", scan$first_bad, format(y[scan$first_bad])))
  }
  range <- of_parameter(family, "range")
  if (is.null(range) || scan$min > range$least || (range$reached && scan$min == range$least)) return(invisible())
  bad <- if (range$reached) which(y < range$least) else which(y <= range$least)
  stop_glmpp("response", sprintf("%s for the '%s' family.", range$text, family$family),
             x = sprintf("The response `%s` is %s in %s (%s in all).", name, comma(format(y[utils::head(bad, 5)])),
                         rows_text(bad), format(length(bad))),
             i = "Is the response a difference or on a log scale? `gaussian` takes any number.")
}

# All-zero counts and one-sided outcomes have no estimate at all: the proof of separation says so.
warn_constant <- function(value, response, family, name) {
  if (isTRUE(response$is_part)) return(invisible())
  least <- of_parameter(family, "range")$least %||% 0
  if (value == least && response$core_family$variance != "constant" || response$rows < 2 || !is.null(response$offset)) return(invisible())
  warn_glmpp("constant", sprintf("The response `%s` is constant: it is %s in every row.", name, format(value)),
             i = "There is nothing to explain; standard errors and tests mean nothing.")
}

warn_fractional_counts <- function(y, name, family) {
  bad <- which(y != round(y))
  warn_glmpp("response", sprintf("non-integer values in the response `%s` of a %s glm: its log-likelihood and AIC are not defined.", name,
                                 tolower(family$family)),
             x = sprintf("%s: %s.", plural(length(bad), "row"), rows_text(bad)),
             i = "Rates? Give the counts, and `offset = log(exposure)`.",
             i = "`quasipoisson` gives the same coefficients without this warning.")
}

binomial_response <- function(response, y, family, name) {
  if (is.matrix(y) && ncol(y) == 2) return(counts_response(response, y, family, name))
  if (is.matrix(y) && ncol(y) > 2) stop_binomial_shape(y, name)
  y <- binomial_vector(y, name, response$threads)
  scan <- summarise_numeric(y, response$threads)
  weights <- response$weights
  if (!scan$only_zero_one) refuse_outside_unit(y, scan, weights, name)
  if (!is.null(weights)) y[weights == 0] <- 0
  is_bernoulli <- scan$only_zero_one && is.null(weights)
  if (!is_bernoulli) warn_fractional(y, weights, family)
  response$y <- y
  response$is_bernoulli <- is_bernoulli
  response
}

binomial_vector <- function(y, name, threads) {
  if (is.double(y) && !is.object(y)) return(plain_double(y, threads))
  if (is.character(y)) {
    stop_glmpp("response", sprintf("The response `%s` is text; it must be 0/1, logical, a factor or counts.", name),
               x = sprintf("Its values are %s.", comma(dQuote(sort(unique(y)), FALSE))),
               i = sprintf("Name what counts as success: `%s == %s`.", name, dQuote(sort(unique(y), decreasing = TRUE)[1], FALSE)))
  }
  if (is.factor(y)) {
    if (nlevels(y) > 2) {
      stop_glmpp("response", sprintf("The response `%s` has %d levels; binomial takes two.", name, nlevels(y)),
                 x = sprintf("They are %s.", comma(levels(y))),
                 i = sprintf("For one level against the rest write `%s == \"%s\"`.", name, levels(y)[1]),
                 i = "For all levels at once use `family = multinomial()`, or `ordinal()` where they are ordered.")
    }
    return(as.double(as.integer(y) != 1L))
  }
  if (is.logical(y) || is.numeric(y)) return(plain_double(y, threads))
  stop_binomial_shape(y, name)
}

stop_binomial_shape <- function(y, name) {
  stop_glmpp("response", sprintf("The response `%s` must be 0/1, logical, a factor of two levels, or two columns of counts.", name),
             x = sprintf("It is %s%s.", describe_type(y), if (is.matrix(y)) sprintf(" and has %s", plural(ncol(y), "column")) else ""))
}

refuse_outside_unit <- function(y, scan, weights, name) {
  if (scan$first_bad == 0 && scan$min >= 0 && scan$max <= 1) return(invisible())
  bad <- which(!(is.finite(y) & y >= 0 & y <= 1))
  counts <- scan$first_bad == 0 && scan$all_integer && scan$min >= 0
  stop_glmpp("response", sprintf("y values must be 0 <= y <= 1: the response `%s` is not.", name),
             x = sprintf("It is %s in %s (%s in all).", comma(format(y[utils::head(bad, 5)])), rows_text(bad),
                         format(length(bad))),
             i = if (length(two_codes_remedy(y, name))) {
               two_codes_remedy(y, name)
             } else if (counts && is.null(weights)) {
               sprintf("Counts without totals? Write `cbind(%s, total - %s) ~ ...`.", name, name)
             } else if (counts) {
               sprintf("Counts with totals as weights? Give proportions: `%s / total`.", name)
             })
}

# An outcome coded by two other numbers than 0 and 1.
two_codes_remedy <- function(y, name) {
  codes <- sort(unique(y))
  if (length(codes) != 2 || !all(is.finite(codes))) return(NULL)
  sprintf("Two codes, %s and %s? Name what counts as success: `%s == %s ~ ...`%s.", format(codes[1]), format(codes[2]), name,
          format(codes[2]), if (identical(as.double(codes), c(1, 2))) sprintf(", or `%s - 1`, or `factor(%s)`", name, name) else "")
}

warn_fractional <- function(y, weights, family) {
  if (!has_whole_trials(family)) return(invisible())
  successes <- if (is.null(weights)) y else weights * y
  bad <- which(abs(successes - round(successes)) > 1e-3)
  if (!length(bad)) return(invisible())
  warn_glmpp("response", "non-integer #successes in a binomial glm!",
             x = sprintf("%s: %s.", plural(length(bad), "row"), rows_text(bad)),
             i = if (is.null(weights)) "Are these proportions? Give the numbers of trials as `weights`.",
             i = "For fractional responses `quasibinomial` gives the same coefficients without this warning.")
}

counts_response <- function(response, y, family, name) {
  if (!is.numeric(y)) stop_binomial_shape(y, name)
  bad <- which(!(is.finite(y[, 1]) & is.finite(y[, 2]) & y[, 1] >= 0 & y[, 2] >= 0))
  if (length(bad)) {
    stop_glmpp("response", sprintf("The counts in `%s` must be finite and non-negative.", name),
               x = sprintf("%s: (%s).", rows_text(bad), comma(format(y[bad[1], ]))),
               i = "The columns are successes and failures, not successes and totals.")
  }
  if (has_whole_trials(family) && any(abs(y - round(y)) > 1e-3)) {
    warn_glmpp("response", "non-integer counts in a binomial glm!",
               x = sprintf("%s.", rows_text(which(rowSums(abs(y - round(y)) > 1e-3) > 0))))
  }
  storage.mode(y) <- "double"  # sums of integers overflow
  trials <- as.vector(y[, 1] + y[, 2])
  response$y <- as.vector(ifelse(trials == 0, 0, y[, 1] / trials))
  response$trials <- trials
  response$weights <- if (is.null(response$weights)) trials else response$weights * trials
  response$is_bernoulli <- FALSE
  response
}
