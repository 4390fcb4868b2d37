#' Predictions from a fit
#'
#' As [stats::predict.glm()]; rows of new data go through the same blocks as those of the fit, and no design
#' matrix is formed (except for `type = "terms"`).
#'
#' @param object A fit by [glmpp()].
#' @param newdata A data frame with the variables of the formula; by default the rows of the fit.
#' @param type,se.fit,terms,na.action As in [stats::predict.glm()].
#' @param dispersion For `se.fit = TRUE`: a number, or what [dispersion()] estimates, such as `"ml"`; NULL: as [summary()].
#' @param vcov For `se.fit = TRUE`: the covariance of the coefficients, as in [vcov.glmpp()], section "In other verbs".
#' @param new_levels What to do with rows whose factor level the fit does not know: `"error"`, or `"na"`
#'   to predict NA for them.
#' @param ... None: an argument that is not known is an error.
#' @section New rows:
#' New rows mean what they meant in the fit. Dates, date-times, differences of times and \pkg{units} are brought to the unit
#' and the time zone
#' of the fit; a date for a date-time, or the other way, at midnight only. An offset that is no column of `newdata`, but a vector of the
#' rows of
#' the fit, is an error of class `glmpp_error_newdata`. A term that takes its values from all rows, such as `I(x - mean(x))` or `rank(x)`,
#' is computed from the new rows, as `glm()` does it, with a warning of class `glmpp_warning_whole_data` unless they are those of the fit;
#' `scale()`, `poly()`, `ns()` and `bs()` keep the numbers of the fit. For `type = "terms"` a missing value blanks the terms that it is
#' in, an
#' unknown level (`new_levels = "na"`) the whole row.
#'
#' @returns A named vector (a matrix for `type = "terms"`), or a list with `fit`, `se.fit` and
#'   `residual.scale` when `se.fit = TRUE`.
#' @examples
#' fit <- glmpp(am ~ wt, binomial, mtcars)
#' predict(fit, data.frame(wt = c(2, 3)), type = "response", se.fit = TRUE)
#' @concept predicted probability
#' @concept standard error of prediction
#' @export
predict.glmpp <- function(object, newdata = NULL, type = c("link", "response", "terms"), se.fit = FALSE,
                          dispersion = NULL, terms = NULL, na.action = na.pass,
                          new_levels = c("error", "na"), vcov = NULL, ...) {
  if (is.null(newdata) && isFALSE(se.fit) && is.null(terms) && !...length() && (missing(type) || identical(type, "response"))) {
    return(predict_fitted(object, if (missing(type)) "link" else type, FALSE, NULL, NULL))
  }
  refuse_unknown(substitute(list(...)), "predict", predict.glmpp)
  type <- check_choice(type, c("link", "response", "terms"), "type")
  new_levels <- check_choice(new_levels, c("error", "na"), "new_levels")
  check_flag(se.fit, "se.fit")
  if (se.fit) refuse_errors(object, "Standard errors of predictions")
  if (se.fit && type == "terms") refuse_constrained(object, "Standard errors of terms", "Take `type = \"link\"`.")
  dispersion <- given_dispersion(dispersion, object)
  check_terms(terms, object)
  if (type == "terms" && !is.null(vcov)) stop_glmpp("argument", "`vcov` goes with `type = \"link\"` or `\"response\"`.")
  covariance <- if (se.fit) chosen_covariance(object, vcov)$matrix
  if (se.fit && is_constrained_fit(object) && is.null(covariance)) {
    covariance <- model_covariance(object, unscaled_covariance(object), dispersion, FALSE)
  }
  if (is.null(newdata)) return(predict_fitted(object, type, se.fit, dispersion, terms, covariance))
  rows <- read_new_rows(object, newdata, na.action, new_levels)
  if (type == "terms" && is_left_out(object, "model")) stop_left_out("model")
  if (type == "terms") return(predict_terms(object, newdata, rows, se.fit, dispersion, terms, na.action))
  if (type == "response") warn_link_of_rows(object, newdata)
  prediction <- predict_rows(object, rows, se.fit, dispersion, covariance)
  on_scale(object, prediction, type)
}

# A link that holds a number for each row of the fit has none for others.
warn_link_of_rows <- function(object, newdata) {
  answers <- tryCatch(length(suppressWarnings(object$family$linkinv(0))), error = function(e) 1L)
  if (answers <= 1 || identical(newdata, .subset2(object, "data"))) return(invisible())
  warn_glmpp("whole_data", "The link holds a number for each row of the fit, and none for those of `newdata`: their means are not right.",
             x = sprintf("It answers %d numbers for one linear predictor.", answers),
             i = "Predict `type = \"link\"`, and apply the inverse link with the numbers of the new rows.")
}

check_terms <- function(terms, object) {
  known <- attr(object$terms, "term.labels")
  if (is.null(terms) || is.numeric(terms) && all(terms %in% seq_along(known))) return(invisible())
  unknown <- setdiff(terms, known)
  if (!length(unknown)) return(invisible())
  stop_glmpp("argument", "`terms` must name terms of the model.", x = sprintf("%s is none.", comma(dQuote(unknown, FALSE))),
             i = sprintf("They are %s.", comma(dQuote(known, FALSE))))
}

# A missing value blanks the terms that it is in; a level that the fit does not know, the whole row.
predict_terms <- function(object, newdata, rows, se.fit, dispersion, terms, na.action) {
  if (rows$is_converted) stop_converted_terms()
  newdata <- plain_terms(object, newdata)
  unknown <- rows$of_new_level
  if (!length(unknown)) {
    return(predict.glm(with_all_columns(object), newdata, "terms", se.fit, dispersion, terms, na.action))
  }
  places <- setdiff(seq_len(nrow(newdata)), rows$omitted)
  known <- if (length(unknown) < length(rows$names)) newdata[places[-unknown], , drop = FALSE]
  prediction <- predict.glm(with_all_columns(object), known, "terms", se.fit, dispersion, terms, na.action)
  spread <- function(values) {
    all <- matrix(NA_real_, length(rows$names), ncol(values), dimnames = list(rows$names, colnames(values)))
    all[-unknown, ] <- values
    structure(all, constant = attr(values, "constant"))
  }
  if (!is.list(prediction)) return(spread(prediction))
  prediction[1:2] <- lapply(prediction[1:2], spread)
  prediction
}

predict_fitted <- function(object, type, se.fit, dispersion, terms, covariance = NULL) {
  if (type == "terms" && is_left_out(object, "model")) stop_left_out("model")
  if (is_left_out(object, "linear.predictors")) stop_left_out("linear.predictors")
  if (type == "terms" && !se.fit) return(centred_terms(object, terms))
  if (!se.fit && type != "terms") {
    return(napredict(.subset2(object, "na.action"), if (type == "link") object$linear.predictors else object$fitted.values))
  }
  if (type == "terms") {
    return(predict.glm(compact(object), type = type, se.fit = se.fit, dispersion = dispersion, terms = terms))
  }
  rows <- list(design = fit_design(object), eta = object$linear.predictors, names = names(object$linear.predictors))
  prediction <- predict_rows(object, rows, se.fit, dispersion, covariance)
  prediction <- on_scale(object, prediction, type)
  prediction[1:2] <- lapply(prediction[1:2], function(values) napredict(object$na.action, values))
  prediction
}

# What each term adds to the linear predictor of the rows of the fit, less its mean, as predict.lm() has it.
centred_terms <- function(object, terms = NULL) {
  fit <- unclass(object)
  labels <- attr(fit$terms, "term.labels")
  design <- fit_design(object)
  beta <- replace(fit$coefficients, is.na(fit$coefficients), 0)
  chosen <- if (is.null(terms)) seq_along(labels) else if (is.character(terms)) match(terms, labels) else terms
  of_terms <- match(fit$schema$assign, chosen, 0L)
  values <- term_predictors_impl(design, beta, of_terms, length(chosen), fit$schema$intercept, fit$solver$threads)
  dimnames(values) <- list(names(fit$linear.predictors), labels[chosen])
  constant <- if (fit$schema$intercept) mean(fit$linear.predictors - (fit$offset %||% 0)) else 0
  napredict(fit$na.action, structure(values, constant = constant))
}

predict_rows <- function(object, rows, se.fit, dispersion, covariance = NULL) {
  eta <- rows$eta
  if (is.null(eta)) {
    beta <- replace(all_coefficients(object), is.na(all_coefficients(object)), 0)
    eta <- linear_predictor_impl(rows$design, beta, object$solver$threads) + rows$offset
    eta <- spread_rows(eta, rows)
    warn_outside_span(object, rows$design)
  }
  if (!se.fit) return(eta)
  if (is.null(dispersion) || dispersion == 0) dispersion <- dispersion_of(object)
  if (!is.null(covariance)) {
    known <- !is.na(all_coefficients(object))
    forms <- forms_of(rows$design, covariance, which(known), length(known), object$solver$threads)
    return(list(fit = eta, se.fit = spread_rows(sqrt(forms), rows), residual.scale = as.vector(sqrt(dispersion))))
  }
  forms <- forms_of_rows(object, rows$design)
  scale <- as.vector(sqrt(dispersion))
  list(fit = eta, se.fit = spread_rows(sqrt(forms) * scale, rows), residual.scale = scale)
}

on_scale <- function(object, prediction, type) {
  family <- object$family
  if (type == "link") return(prediction)
  if (!is.list(prediction)) return(family$linkinv(prediction))
  prediction$se.fit <- prediction$se.fit * abs(family$mu.eta(prediction$fit))
  prediction$fit <- family$linkinv(prediction$fit)
  prediction
}

# Values of the rows that could be computed, among NA for those that could not.
spread_rows <- function(values, rows) {
  if (length(rows$unknown)) {
    all <- rep(NA_real_, length(rows$names))
    all[-rows$unknown] <- values
    values <- all
  }
  named(values, rows$names)
}

# New rows as blocks: NA and unknown levels are set aside, the rest goes to the core.
read_new_rows <- function(object, newdata, na.action, new_levels) {
  terms <- delete.response(object$terms)
  check_newdata(newdata)
  if (is.character(na.action)) na.action <- eval_na_action(list(na.action = na.action), environment())
  refuse_data_references(terms, newdata)
  newdata <- plain_new_rows(object, newdata)
  frame <- withCallingHandlers(
    tryCatch(model.frame(terms, newdata, na.action = na.action), error = function(e) stop_frame(e, newdata = newdata)),
    warning = function(w) if (grepl("'newdata' had", conditionMessage(w))) invokeRestart("muffleWarning")
  )
  frame <- plain_frame(frame)
  check_new_frame(frame, newdata, na.action)
  as_read <- frame
  frame <- frame_in_units(frame, object$schema$variables)
  is_converted <- !identical(as_read, frame)
  warn_whole_data(object, frame, newdata)
  classes <- attr(terms, "dataClasses")
  if (!is.null(classes)) check_new_classes(classes, frame, object$schema$variables)
  schema <- predictor_schema(object$schema)
  recoded <- recode_levels(frame, schema, new_levels)
  of_new_level <- if (new_levels == "na") rows_of_new_levels(frame, recoded)
  frame <- recoded
  offset <- new_offset(object, newdata, frame)
  unknown <- scan_columns_impl(c(unclass(frame), list(offset)), nrow(frame), object$solver$threads)$rows
  names <- as.character(attr(frame, "row.names"))
  known <- if (length(unknown)) frame[-unknown, , drop = FALSE] else frame
  list(design = design_blocks(schema, known), names = names, unknown = unknown, of_new_level = of_new_level,
       omitted = attr(frame, "na.action"), is_converted = is_converted, offset = without_rows(offset, unknown))
}

plain_new_rows <- function(object, newdata) with_units_of_fit(plain_data(newdata), object$schema$units)

stop_converted_terms <- function() {
  stop_glmpp("newdata", "`type = \"terms\"` needs differences of times in the unit of the fit.",
             x = "A difference of date-times takes a unit by its own size.", i = "Write `difftime(a, b, units = )` in the formula.")
}

# As new rows were read: values that a class calls missing are NA where a variable is the column itself.
plain_terms <- function(object, newdata) {
  newdata <- plain_new_rows(object, newdata)
  variables <- as.list(attr(stats::delete.response(object$terms), "variables"))[-1]
  for (name in intersect(as.character(Filter(is.symbol, variables)), names(newdata))) {
    newdata[[name]] <- plain_column(newdata[[name]], name)
  }
  newdata
}

rows_of_new_levels <- function(frame, recoded) {
  is_new <- Reduce(`|`, Map(function(old, new) is.na(new) & !is.na(old), frame, recoded), logical(nrow(frame)))
  which(is_new)
}

# Of a vector, or of a matrix with a column for each class.
without_rows <- function(values, rows) {
  if (!length(rows)) values else if (is.matrix(values)) values[-rows, , drop = FALSE] else values[-rows]
}

# The schema without the response, which new data need not have.
predictor_schema <- function(schema) {
  response <- attr(schema$terms, "response")
  if (!response) return(schema)
  schema$blocks <- NULL  # they name variables by their places
  schema$variables <- schema$variables[-response]
  if (any(vapply(schema$layout, function(term) response %in% term$variables, NA))) stop_response_in_term(schema, response)
  schema$layout <- lapply(schema$layout, function(term) {
    term$variables <- term$variables - (term$variables > response)
    term
  })
  schema
}

stop_response_in_term <- function(schema, response) {
  stop_glmpp("newdata", sprintf("New rows can't be predicted: the response `%s` is in a term of the model.", schema$variables[[response]]$name),
             i = "Take it out of the right-hand side.")
}

# `d$x` in a formula always means the x of the old d.
refuse_data_references <- function(terms, newdata) {
  variables <- as.list(attr(terms, "variables"))[-1]
  bad <- Filter(function(v) any(c("$", "[[") %in% all.names(v)) && !any(root_names(v) %in% names(newdata)),
                variables)
  if (!length(bad)) return(invisible())
  text <- vapply(bad, deparse1, "")
  stop_glmpp("newdata", sprintf("`newdata` can't be used: the formula refers to `%s`, whose rows are those of the fit.", text[1]),
             i = "Fit again with plain variable names and `data = `, as in `glmpp(y ~ x, data = d)`.")
}

# The names an expression starts from: d, not x, in d$x.
root_names <- function(expression) {
  if (is.symbol(expression)) return(as.character(expression))
  if (!is.call(expression)) return(character())
  parts <- as.list(expression)[-1]
  if (as.character(expression[[1]])[1] %in% c("$", "[[", "@")) parts <- parts[1]
  unlist(lapply(parts, root_names))
}

check_newdata <- function(newdata) {
  if (is.list(newdata) || is.environment(newdata)) return(invisible())
  stop_glmpp("newdata", "`newdata` must be a data frame.", x = sprintf("It is %s.", describe_type(newdata)),
             i = if (is.matrix(newdata)) "Make it one by `as.data.frame()`.")
}

check_new_frame <- function(frame, newdata, na.action) {
  if (!is.data.frame(newdata) || !identical(na.action, na.pass) || nrow(frame) == nrow(newdata)) return(invisible())
  stop_glmpp("newdata", sprintf("'newdata' had %s but variables found have %s.", plural(nrow(newdata), "row"),
                                plural(nrow(frame), "row")),
             x = sprintf("Not in `newdata`: %s.", comma(setdiff(all.vars(attr(frame, "terms")), names(newdata)))),
             i = "They were found elsewhere; add them to `newdata`.")
}

check_new_classes <- function(classes, frame, variables) {
  supplied <- vapply(frame, .MFclass, "")
  common <- intersect(names(classes), names(supplied))
  old <- sub("ordered", "factor", classes[common])
  new <- sub("ordered", "factor", supplied[common])
  new[new == "character" & old == "factor"] <- "factor"
  old[old == "character" & new == "factor"] <- "factor"
  bad <- common[old != new & !(old == "logical" & new == "factor")]
  if (!length(bad)) return(invisible())
  unit <- c(Find(function(variable) variable$frame_name == bad[1], variables)$unit)
  stop_glmpp("newdata", sprintf("variable '%s' was fitted with type \"%s\" but type \"%s\" was supplied", bad[1],
                                classes[[bad[1]]], supplied[[bad[1]]]),
             x = sprintf("In `newdata` it is %s.", describe_type(frame[[bad[1]]])),
             i = sprintf("Make it %s, as in the fit.", switch(sub("\\..*", "", classes[[bad[1]]]), other = unit %||% "of the same class", nmatrix = "a matrix of as many columns",
                                                              factor = , ordered = "a factor or text", classes[[bad[1]]])))
}

# Factors and text in the fit's own levels.
recode_levels <- function(frame, schema, new_levels) {
  for (k in seq_along(schema$variables)) {
    variable <- schema$variables[[k]]
    column <- frame[[k]]
    if (variable$kind != "categorical" || is.logical(column)) next
    if (!variable$is_logical && is_plain_factor(column, variable$levels)) next
    codes <- if (is.factor(column)) match(levels(column), variable$levels)[column]
             else match(as.character(column), variable$levels)
    unknown <- if (anyNA(codes)) which(is.na(codes) & !is.na(column))
    if (length(unknown) && new_levels == "error") stop_new_levels(variable, column, unknown)
    frame[[k]] <- if (variable$is_logical) codes == 2L else structure(codes, levels = variable$levels, class = "factor")
  }
  frame
}

is_plain_factor <- function(column, levels) {
  identical(class(column), "factor") && identical(attr(column, "levels"), levels) && is.null(attr(column, "contrasts"))
}

stop_new_levels <- function(variable, column, rows) {
  stop_glmpp("levels", sprintf("factor %s has new levels: the fit does not know them.", variable$name),
             x = sprintf("New: %s, in %s.", comma(dQuote(unique(as.character(column[rows])), FALSE)), rows_text(rows)),
             i = sprintf("Known: %s.", comma(dQuote(variable$levels, FALSE))),
             i = "`new_levels = \"na\"` predicts NA for such rows.")
}

# Offsets of the formula, and of the `offset` argument as the call wrote it.
new_offset <- function(object, newdata, frame) {
  terms <- object$terms
  variables <- attr(terms, "predvars") %||% attr(terms, "variables")
  argument <- if (inherits(object, "glmpp_remote")) .subset2(object, "remote")$model$frame_call$offset else object$call$offset
  expressions <- lapply(attr(terms, "offset"), function(i) variables[[i + 1]])
  if (!is.null(argument)) expressions <- c(expressions, list(argument))
  offset <- numeric(nrow(frame))
  omitted <- attr(frame, "na.action")
  for (expression in expressions) {
    refuse_offset_of_fit(expression, newdata, object, nrow(frame) + length(omitted))
    values <- tryCatch(eval(expression, newdata, environment(terms)), error = function(e) stop_frame(e, newdata = newdata))
    check_new_offset(values, expression, nrow(frame) + length(omitted), max(1, length(object$classes)))
    if (length(values) > 1) values <- without_rows(values, omitted)
    offset <- offset + values
  }
  offset
}

# `offset = log(train$e)`, or of a variable that `newdata` lacks, is that of the rows of the fit.
refuse_offset_of_fit <- function(expression, newdata, object, rows) {
  refers <- any(c("$", "[[") %in% all.names(expression)) && !any(root_names(expression) %in% names(newdata))
  absent <- Filter(function(name) {
    value <- get0(name, environment(object$terms))
    rows > 1 && !is.function(value) && NROW(value) == rows
  }, setdiff(all.vars(expression), names(newdata)))
  if (!refers && !length(absent) || identical(newdata, .subset2(object, "data"))) return(invisible())
  stop_glmpp("newdata", sprintf("The offset `%s` is that of the rows of the fit, not of `newdata`.", deparse1(expression)),
             x = if (length(absent)) sprintf("Not in `newdata`: %s.", comma(absent)) else "It names the data of the fit.",
             i = "Fit again with a column of `data` as offset, and give `newdata` that column.")
}

# Fits of several classes take a column for each.
check_new_offset <- function(values, expression, rows, classes) {
  if (is.numeric(values) && length(values) %in% c(1L, rows, rows * classes)) return(invisible())
  stop_glmpp("newdata", sprintf("The offset `%s` must have one number for each new row.", deparse1(expression)),
             x = sprintf("It is %s of length %d, for %s.", describe_type(values), length(values), plural(rows, "row")),
             i = "Give its variables as columns of `newdata`.")
}

# Aliased columns are linear combinations of the others on the rows of the fit; on new rows they need not
# be, and then no prediction is determined.
warn_outside_span <- function(object, design) {
  null <- null_directions(object)
  if (is.null(null)) return(invisible())
  outside <- vapply(seq_len(ncol(null)), function(k) {
    gap <- linear_predictor_impl(design, null[, k], object$solver$threads)
    length(gap) > 0 && isTRUE(max(abs(gap)) > 1e-7 * max(abs(null[, k])))
  }, NA)
  if (any(outside)) {
    aliased <- colnames(null)[outside]
    warn_glmpp("rank_deficient", "prediction from a rank-deficient fit may be misleading",
               x = sprintf("In the new rows %s %s no longer the combination of other columns that it was in the fit.",
                           comma(aliased), if (length(aliased) == 1) "is" else "are"))
  }
}

# A column for each aliased coefficient, named by it: changes of the coefficients that change no row of the fit. NULL: there are none.
null_directions <- function(object) {
  qr <- .subset2(object, "qr")
  if (qr$rank == length(qr$pivot)) return(NULL)
  estimable <- seq_len(qr$rank)
  root <- if (!is_bordered(qr)) qr$qr[estimable, estimable, drop = FALSE]
  if (!qr$rank || !is.null(root) && is_singular(root)) return(NULL)
  aliased <- qr$pivot[-estimable]
  null <- matrix(0, length(all_coefficients(object)), length(aliased), dimnames = list(NULL, names(all_coefficients(object))[aliased]))
  null[qr$pivot[estimable], ] <- if (is.null(root)) combination_matrix(qr) else backsolve(root, qr$qr[estimable, -estimable, drop = FALSE])
  null[cbind(aliased, seq_along(aliased))] <- -1
  null
}
