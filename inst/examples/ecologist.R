# An ecologist: overdispersed counts. Days absent of 146 children stand for animals per plot (Aitkin 1978; Venables and Ripley 2002).
library(glmpp)
quine <- MASS::quine

# Too much spread for Poisson; the negative binomial estimates it.
counts <- glmpp(Days ~ Sex + Age + Eth + Lrn, poisson, quine)
print(c(dispersion = sum(residuals(counts, "pearson")^2) / df.residual(counts)))
negbin <- glmpp(Days ~ Sex + Age + Eth + Lrn, negative_binomial(), quine)
print(summary(negbin))
print(AIC(counts, negbin))

# Which terms matter, and a search among interactions.
print(drop1(negbin, test = "Chisq"))
wider <- glmpp(Days ~ (Sex + Age + Eth)^2 + Lrn, negative_binomial(negbin$theta), quine)
smaller <- step(wider, trace = 0)
print(formula(smaller))

# Do the residuals look as the model says? Quantile residuals are normal then.
residual_chart <- quantile_residuals(negbin, seed = 1)
print(residual_chart, most = 3)

# Means by group, with intervals back on the scale of counts.
groups <- expand.grid(Sex = "F", Age = levels(quine$Age), Eth = levels(quine$Eth), Lrn = "AL")[-c(4, 8), ]
link <- predict(negbin, groups, se.fit = TRUE)
print(cbind(groups, mean = exp(link$fit), lower = exp(link$fit - 1.96 * link$se.fit),
            upper = exp(link$fit + 1.96 * link$se.fit)), digits = 3)
