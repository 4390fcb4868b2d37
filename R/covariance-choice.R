# The covariance of coefficients that a verb is told to take, by its argument `vcov`.

# NULL: the model's, or one that is not of a type. Else a list of `type`, `cluster` and what it is called.
type_of_choice <- function(object, vcov) {
  if (is.character(vcov) && length(vcov) == 1) {
    type <- check_choice(vcov, types_to_choose(object), "vcov")
    if (type != "model") list(type = type, label = if (type == "observed") "observed information" else type)
  } else if (inherits(vcov, "formula")) {
    list(type = "HC1", cluster = vcov, label = sprintf("clustered by %s", deparse1(vcov[[length(vcov)]])))
  }
}

is_models_covariance <- function(object, vcov) {
  is.null(vcov) || is.character(vcov) && length(vcov) == 1 && check_choice(vcov, types_to_choose(object), "vcov") == "model"
}

types_to_choose <- function(object) c("model", setdiff(covariance_types(object), "const"))

# NULL: the model's. Else a list of the matrix over the coefficients that are not aliased, and what it is called.
chosen_covariance <- function(object, vcov) {
  if (is_models_covariance(object, vcov)) return(NULL)
  types <- types_to_choose(object)
  choice <- type_of_choice(object, vcov)
  if (!is.null(choice)) {
    return(list(matrix = covariance_of_all(object, complete = FALSE, type = choice$type, cluster = choice$cluster), label = choice$label))
  }
  if (is_newey_west(vcov)) return(list(matrix = covariance_of_all(object, complete = FALSE, type = vcov), label = newey_west_label(vcov)))
  given <- if (is.function(vcov)) vcov(object) else vcov
  label <- if (is.function(vcov)) "by the function given as `vcov`" else "of the matrix given as `vcov`"
  list(matrix = check_given_covariance(given, aliased_estimates(object), types), label = label)
}

covariance_types <- function(object) {
  eval(formals(if (inherits(object, "glmpp_categories")) vcov.glmpp_categories else vcov.glmpp)$type)
}

# Named as the rows of vcov().
aliased_estimates <- function(object) {
  is.na(if (inherits(object, "glmpp_categories")) diag(object$covariance) else object$coefficients)
}

# With the coefficients' names, or as many rows and columns as there are coefficients.
check_given_covariance <- function(given, aliased, types) {
  all <- names(aliased)
  known <- all[!aliased]
  is_square <- is.matrix(given) && is.numeric(given) && nrow(given) == ncol(given)
  if (is_square && all(known %in% rownames(given)) && all(known %in% colnames(given))) return(given[known, known, drop = FALSE])
  if (is_square && nrow(given) == length(known)) return(structure(given, dimnames = list(known, known)))
  if (is_square && nrow(given) == length(all)) {
    return(structure(given[match(known, all), match(known, all), drop = FALSE], dimnames = list(known, known)))
  }
  stop_glmpp("argument", sprintf("`vcov` must give a covariance matrix of the %s.", plural(length(known), "coefficient")),
             x = if (is.matrix(given)) sprintf("It is a matrix of %d x %d.", nrow(given), ncol(given))
                 else sprintf("It is %s.", describe_type(given)),
             i = sprintf("It may also be one of %s, or a formula with the clusters, such as `~ id`.", comma(dQuote(types, FALSE))))
}

# x_i' V x_i of rows, by the spectrum of V: it may be singular.
forms_of <- function(design, covariance, places, count, threads) {
  spectrum <- eigen(covariance, symmetric = TRUE)
  total <- 0
  for (k in which(abs(spectrum$values) > 1e-14 * max(abs(spectrum$values), 0))) {
    along <- replace(numeric(count), places, spectrum$vectors[, k])
    total <- total + spectrum$values[k] * linear_predictor_impl(design, along, threads)^2
  }
  total
}
