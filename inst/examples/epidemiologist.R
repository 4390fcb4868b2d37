# An epidemiologist: risks of low birth weight (Hosmer and Lemeshow's 189 births): odds ratios, relative risks, risk differences, and
# what to do where outcomes separate.
library(glmpp)
births <- transform(MASS::birthwt, race = factor(race, labels = c("white", "black", "other")),
                    smoke = factor(smoke, labels = c("no", "yes")))

# Odds ratios with profile-likelihood intervals, then with robust standard errors, as a table with reference levels and counts.
odds <- glmpp(low ~ age + race + smoke + ht, binomial, births)
print(exp(confint(odds)), digits = 3)
odds_table <- effects_table(odds, vcov = "HC3")
print(odds_table)

# Relative risks: the log-binomial model, and the Poisson model with robust standard errors.
log_binomial <- glmpp(low ~ race + smoke, binomial("log"), births)
risks <- glmpp(low ~ race + smoke, poisson, births)
print(rbind(log_binomial = exp(coef(log_binomial)), poisson = exp(coef(risks))), digits = 3)
print(effects_table(risks, vcov = "HC0"))

# What smoking adds to the risk, averaged over these women: standardisation.
difference <- average_effects(odds, "smoke")
print(difference)

# All women with hypertension in this subset had a small child: Firth's estimate is finite.
few <- births[c(which(births$ht == 1 & births$low == 1), which(births$ht == 0)), ]
firth_fit <- glmpp(low ~ ht + smoke, binomial, few, bias_reduction = "mean")
print(confint(firth_fit), digits = 3)
