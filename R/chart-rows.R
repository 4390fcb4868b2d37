# The rows that a chart judges a fit by: those of the fit, or new ones with the response among them. All charts of predicted against
# observed read them here.

# Per unit of exposure: the `fitted` mean and the `observed` one, with the exposure as `weight`; `score` orders the rows. Rows without weight or with missing
# values are left out; `kept` says which are in.
judged_rows <- function(fit, newdata = NULL, exposure = NULL, outcome = NULL, name = "`fit`") {
  check_judged(fit, name)
  check_outcome(fit, outcome)
  if (is.null(newdata) && inherits(fit, "glmpp_remote")) stop_needs_new_rows()
  rows <- if (inherits(fit, "glmpp_categories")) class_outcomes(fit, newdata, outcome)
          else if (is.null(newdata)) own_outcomes(fit) else new_outcomes(fit, newdata)
  given <- row_exposure(fit, newdata, exposure, rows$weight)
  if (!is.null(given$values)) {
    rows[c("fitted", "observed")] <- rows[c("fitted", "observed")] / given$values
    rows$weight <- rows$weight * given$values
  }
  whole <- complete.cases(rows)
  kept <- which(whole & rows$weight > 0)
  if (!length(kept)) stop_glmpp("newdata", "There is no row to judge by.", x = "All have missing values or no weight.")
  rows$score <- if (is.null(given$values)) rows$fitted else merge_close(rows$fitted)
  list(data = rows[kept, ], kept = kept, exposure = given$label,
       notes = if (!all(whole)) sprintf("%s with missing values left out", plural(sum(!whole), "row")))
}

# Equal values that a division made unequal by a rounding are equal again.
merge_close <- function(values) signif(values, 12)

check_judged <- function(fit, name) {
  if (inherits(fit, c("glm", "glmpp_remote", "glmpp_categories"))) return(invisible())
  stop_glmpp("argument", sprintf("%s must be a fit by glmpp() or glm().", name), x = sprintf("It is %s.", describe_type(fit)))
}

stop_needs_new_rows <- function() {
  stop_glmpp("rows", "The chart needs rows, and a fit from afar has sums only.",
             i = "Give rows at hand, with the response among them, as `newdata`: a part of the data, or better rows that the fit has not seen.")
}

own_outcomes <- function(fit) {
  data.frame(fitted = as.vector(fit$fitted.values), observed = observed_response(fit), weight = as.vector(fit$prior.weights))
}

new_outcomes <- function(fit, newdata) {
  new <- new_response_values(fit, newdata)
  y <- new$y
  weights <- new$weights
  known <- complete.cases(y)
  rows <- data.frame(fitted = as.vector(predict(fit, newdata, type = "response")), observed = NA_real_, weight = NA_real_)
  response <- new_response(if (is.matrix(y)) y[known, , drop = FALSE] else y[known], weights[known], NULL, NULL, NULL,
                           fit$family, NULL, new$name)
  rows$observed[known] <- as.double(response$y)
  rows$weight[known] <- full_weights(response)
  rows
}

# The response of new rows and their prior weights (NULL: none), as the fit's call has them.
new_response_values <- function(fit, newdata) {
  terms <- terms(fit)
  variable <- attr(terms, "variables")[[1 + attr(terms, "response")]]
  absent <- setdiff(all.vars(variable), names(newdata))
  if (!is.data.frame(newdata) || length(absent)) {
    stop_glmpp("newdata", "`newdata` must be a data frame with the response.",
               x = if (is.data.frame(newdata)) sprintf("It lacks %s.", comma(absent))
                   else sprintf("It is %s.", describe_type(newdata)))
  }
  list(y = eval(variable, newdata, environment(terms)), name = deparse1(variable),
       weights = if (!is.null(fit$call$weights)) eval(fit$call$weights, newdata, environment(terms)))
}

# ---- Fits of several categories, with some classes as success ----

check_outcome <- function(fit, outcome) {
  if (!inherits(fit, "glmpp_categories")) {
    if (is.null(outcome)) return(invisible())
    stop_glmpp("argument", "`outcome` is for fits of several categories.")
  }
  if (is.null(outcome)) {
    stop_glmpp("categories", "The chart takes two outcomes, and the response has several classes.",
               i = sprintf("Say which count as success: `outcome = %s`.", dQuote(fit$classes[length(fit$classes)], FALSE)),
               i = sprintf("The classes are %s.", comma(fit$classes)))
  }
  if (is.character(outcome) && length(outcome) && all(outcome %in% fit$classes) && !all(fit$classes %in% outcome)) return(invisible())
  stop_glmpp("argument", "`outcome` must name some classes of the response, not all.", x = sprintf("It is %s.", value_text(outcome)),
             i = sprintf("The classes are %s.", comma(fit$classes)))
}

class_outcomes <- function(fit, newdata, outcome) {
  rows <- if (is.null(newdata)) list(y = row_component(fit, "y"), weights = row_component(fit, "prior.weights"))
          else new_response_values(fit, newdata)
  if (is.null(rows$y)) stop_left_out("y")
  shares <- success_shares(rows$y, fit$classes, outcome)
  probabilities <- if (is.null(newdata)) row_component(fit, "fitted.values") else predict(fit, newdata, "probs")
  data.frame(fitted = unname(rowSums(probabilities[, outcome, drop = FALSE])), observed = shares$observed,
             weight = shares$count * if (is.null(rows$weights)) 1 else rows$weights)
}

# Of counts by class, codes, or classes by name.
success_shares <- function(y, classes, outcome) {
  if (is.matrix(y)) {
    count <- rowSums(y)
    return(list(observed = rowSums(y[, colnames(y) %in% outcome, drop = FALSE]) / count, count = count))
  }
  class <- if (is.factor(y) || !is.numeric(y)) as.character(y) else classes[y]
  list(observed = ifelse(is.na(class), NA, as.numeric(class %in% outcome)), count = rep(1, length(class)))
}

# ---- Exposure ----

# What the responses are totals over. NULL values: they are means already, and the prior weights are the exposure.
row_exposure <- function(fit, newdata, exposure, weight) {
  if (is.null(exposure)) return(offset_exposure(fit, newdata))
  values <- given_exposure(fit, newdata, exposure)
  if (any(values <= 0, na.rm = TRUE)) {
    stop_glmpp("argument", "`exposure` must be positive.",
               x = sprintf("Element %d is %s.", which(values <= 0)[1], format(values[values <= 0 & !is.na(values)][1])))
  }
  label <- if (is.character(exposure)) exposure else "exposure"
  is_weight <- isTRUE(all.equal(as.vector(values), weight, check.attributes = FALSE, tolerance = 1e-12))
  list(values = if (!is_weight) as.vector(values), label = label)
}

given_exposure <- function(fit, newdata, exposure) {
  rows <- if (is.null(newdata)) length(fit$fitted.values) else nrow(newdata)
  if (is.character(exposure) && length(exposure) == 1) {
    exposure <- if (is.null(newdata)) frame_column(fit, exposure, "exposure") else column_of(newdata, exposure)
  }
  if (is.null(newdata) && is.numeric(exposure) && length(exposure) == rows + length(fit$na.action)) {
    exposure <- without_rows(exposure, fit$na.action)
  }
  if (is.numeric(exposure) && length(exposure) == rows) return(exposure)
  stop_glmpp("argument", "`exposure` must name a numeric variable, or be numeric with one element per row.",
             x = sprintf("It is %s, of length %d; there are %s.", describe_type(exposure), length(exposure), plural(rows, "row")))
}

column_of <- function(newdata, name) {
  if (name %in% names(newdata)) return(newdata[[name]])
  stop_glmpp("newdata", sprintf("`newdata` must have the exposure, %s.", dQuote(name, FALSE)), i = did_you_mean(name, names(newdata)))
}

# offset(log(e)) under the log link: the response is a total over e.
offset_exposure <- function(fit, newdata) {
  inside <- logged_offsets(fit)
  if (!length(inside)) return(list(values = NULL, label = NULL))
  values <- if (is.null(newdata)) exp(if (inherits(fit, "glmpp")) row_component(fit, "offset") else fit$offset)
            else Reduce(`*`, lapply(inside, eval, newdata, environment(terms(fit))))
  list(values = as.vector(values), label = paste(vapply(inside, deparse1, ""), collapse = " * "))
}

# What stands within log() where all offsets are logarithms.
logged_offsets <- function(fit) {
  if (!identical(fit$family$link, "log")) return(NULL)
  terms <- terms(fit)
  offsets <- lapply(attr(terms, "offset"), function(k) attr(terms, "variables")[[1 + k]][[2]])
  if (!is.null(fit$call$offset)) offsets <- c(offsets, fit$call$offset)
  is_log <- function(expression) is.call(expression) && identical(expression[[1]], quote(log)) && length(expression) == 2
  if (all(vapply(offsets, is_log, NA))) lapply(offsets, `[[`, 2)
}

# ---- Several fits on the same rows ----

# The fits under their names, and the rows. A data frame after a fit is its `newdata`.
judged_fits <- function(fits, newdata) {
  is_rows <- vapply(fits, is.data.frame, NA)
  if (is.null(newdata) && sum(is_rows) == 1) {
    newdata <- fits[[which(is_rows)]]
    fits <- fits[!is_rows]
  }
  list(fits = named_fits(fits, check_judged, formula_label), newdata = newdata)
}

formula_label <- function(fit) {
  text <- deparse1(formula(fit))
  if (nchar(text) > 40) paste0(substr(text, 1, 37), "...") else text
}

# One column more where there are several.
bind_curves <- function(curves) {
  if (length(curves) == 1) return(curves[[1]])
  data <- do.call(rbind, unname(Map(function(name, curve) cbind(fit = name, curve), names(curves), curves)))
  data$fit <- factor(data$fit, names(curves))
  data
}

# The data of each curve once more, under its name.
split_curves <- function(data) if (is.null(data$fit)) list(data) else split(data, data$fit)

different_rows_note <- function(counts) {
  if (length(unique(counts)) > 1) sprintf("the fits are judged on different rows: %s", comma(format(counts, big.mark = ",", trim = TRUE)))
}
